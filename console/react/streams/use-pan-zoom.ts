import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Where a picture is seen from. */
export interface PictureView {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface PanZoom {
  readonly area: RefObject<HTMLDivElement | null>
  readonly view: PictureView
  readonly zoom: (factor: number) => void
  /** Shows all of it. */
  readonly fit: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onPointerDown: (event: PointerEvent) => void
  readonly onPointerMove: (event: PointerEvent) => void
  readonly onPointerUp: (event: PointerEvent) => void
}

const [scaleMin, scaleMax] = [0.1, 4]
const keyStep = 60
const zoomStep = 1.25
const keys: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [keyStep, 0],
  ArrowRight: [-keyStep, 0],
  ArrowUp: [0, keyStep],
  ArrowDown: [0, -keyStep],
}

/** Moves a picture by pointer, wheel and keys. At first all of its width can be seen. */
export function usePanZoom({ width, height }: { readonly width: number; readonly height: number }): PanZoom {
  const area = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<PictureView>({ x: 0, y: 0, scale: 1 })
  const held = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined)
  const show = useCallback(
    (isWhole: boolean) => {
      const { clientWidth = width, clientHeight = height } = area.current ?? {}
      const scale = Math.min(1, clientWidth / width, isWhole ? clientHeight / height : 1)
      setView({ x: Math.max(0, (clientWidth - width * scale) / 2), y: 0, scale: Math.max(scaleMin, scale) })
    },
    [width, height],
  )
  useEffect(() => show(false), [show])
  useEffect(() => {
    const element = area.current
    const turn = (event: WheelEvent): void => {
      event.preventDefault()
      const box = element?.getBoundingClientRect()
      if (event.ctrlKey) setView((last) => zoomed(last, Math.exp(-event.deltaY / 200), event, box))
      else setView((last) => ({ ...last, x: last.x - event.deltaX, y: last.y - event.deltaY }))
    }
    // React listens without the right to keep the page from moving.
    element?.addEventListener('wheel', turn, { passive: false })
    return () => element?.removeEventListener('wheel', turn)
  }, [])
  const zoom = (factor: number): void => setView((last) => zoomed(last, factor))
  return {
    area,
    view,
    zoom,
    fit: () => show(true),
    onKeyDown: (event) => {
      const step = keys[event.key]
      if (step !== undefined) setView(({ x, y, scale }) => ({ x: x + step[0], y: y + step[1], scale }))
      else if (event.key === '+' || event.key === '=') zoom(zoomStep)
      else if (event.key === '-') zoom(1 / zoomStep)
      else if (event.key === '0') show(true)
      else return
      event.preventDefault()
    },
    onPointerDown: ({ clientX: x, clientY: y, button }) => {
      if (button === 0) held.current = { x, y }
    },
    onPointerMove: ({ clientX: x, clientY: y, buttons }) => {
      const from = held.current
      if (from === undefined || buttons === 0) return
      held.current = { x, y }
      setView((last) => ({ ...last, x: last.x + x - from.x, y: last.y + y - from.y }))
    },
    onPointerUp: () => {
      held.current = undefined
    },
  }
}

/** The point under the pointer stays where it is. */
function zoomed(
  { x, y, scale }: PictureView,
  factor: number,
  at?: { readonly clientX: number; readonly clientY: number },
  box?: DOMRect,
): PictureView {
  const next = Math.min(scaleMax, Math.max(scaleMin, scale * factor))
  const [px, py] = at === undefined || box === undefined ? [0, 0] : [at.clientX - box.x, at.clientY - box.y]
  return { x: px - ((px - x) * next) / scale, y: py - ((py - y) * next) / scale, scale: next }
}
