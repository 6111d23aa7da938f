import { type KeyboardEvent, type MouseEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { drawHeat, type HeatRow } from './heat-cells.ts'
import { cellAt, type HeatCell, type HeatLayout } from './heat-layout.ts'
import { numberText, stepText } from './number-text.ts'
import { NumbersTable } from './numbers-table.tsx'
import { type Paint, usePaint } from './paint.ts'
import { movedStep } from './step-keys.ts'
import { useWidth } from './use-width.ts'

export interface HeatmapProps {
  readonly title: string
  readonly times: readonly number[]
  readonly stepMs: number
  readonly rows: readonly HeatRow[]
}

const rowHeight = 18
const namesShare = 0.28
const namesWidthMax = 190

/** Rows by steps as a canvas, with the cell below the cursor in words and all numbers as a table. */
export function Heatmap({ title, times, stepMs, rows }: HeatmapProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const paint = usePaint(place)
  const width = useWidth(place)
  const [marked, setMarked] = useState<HeatCell>()
  const [isFocused, setFocused] = useState(false)
  const rangeMs = times.length * stepMs
  const layout = { width, rowHeight, namesWidth: Math.min(namesWidthMax, Math.floor(width * namesShare)) }
  const shown = marked !== undefined && marked.row < rows.length && marked.step < times.length ? marked : undefined
  useHeat(canvas, { rows, layout, paint, marked: shown })
  const point = ({ nativeEvent: { offsetX: x, offsetY: y } }: MouseEvent): void =>
    setMarked(cellAt({ x, y }, layout, { steps: times.length, rows: rows.length }))
  const move = (event: KeyboardEvent): void => {
    const { step, row } = shown ?? { step: times.length - 1, row: 0 }
    const rowsMoved = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const next = rowsMoved === 0 ? movedStep(event.key, step, times.length) : step
    if (next === undefined) return
    event.preventDefault()
    setMarked({ step: next, row: Math.min(rows.length - 1, Math.max(0, row + rowsMoved)) })
  }
  const chosen = shown && rows[shown.row]
  return (
    <figure className="mr-chart mr-heat">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <div
        ref={place}
        role="group"
        aria-label={`${title}, heatmap: arrow keys go from cell to cell`}
        tabIndex={0}
        onKeyDown={move}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onMouseMove={point}
        onMouseLeave={() => setMarked(undefined)}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <p className="mr-step" aria-live={isFocused ? 'polite' : 'off'}>
        {shown === undefined || chosen === undefined ? (
          `${rows.length} rows, ${stepText(times[0] ?? 0, stepMs, rangeMs)} to ${stepText(times.at(-1) ?? 0, stepMs, rangeMs)}`
        ) : (
          <>
            <b>{stepText(times[shown.step] ?? 0, stepMs, rangeMs)}</b> {chosen.name}{' '}
            {numberText(chosen.total[shown.step], 'logs')}
          </>
        )}
      </p>
      <NumbersTable
        title={title}
        columns={['time', ...rows.map(({ name }) => name)]}
        rows={() =>
          times.map((timeMs, index) => [
            stepText(timeMs, stepMs, rangeMs),
            ...rows.map(({ total }) => numberText(total[index], 'logs')),
          ])
        }
      />
    </figure>
  )
}

interface Heat {
  readonly rows: readonly HeatRow[]
  readonly layout: HeatLayout
  readonly paint: Paint | undefined
  readonly marked: HeatCell | undefined
}

function useHeat(canvas: RefObject<HTMLCanvasElement | null>, { rows, layout, paint, marked }: Heat): void {
  useEffect(() => {
    const target = canvas.current
    const context = target?.getContext('2d')
    const { width } = layout
    if (target === null || context == null || paint === undefined || width === 0) return
    const { devicePixelRatio: scale } = window
    const height = layout.rowHeight * rows.length
    target.width = width * scale
    target.height = height * scale
    target.style.width = `${width}px`
    target.style.height = `${height}px`
    context.scale(scale, scale)
    drawHeat(context, rows, { layout, paint, marked })
  })
}
