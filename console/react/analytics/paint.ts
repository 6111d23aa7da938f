import { type RefObject, useEffect, useState } from 'react'
import { type PaintName, paintNames } from './paint-names.ts'

/** Colors as a canvas takes them. */
export type Paint = Readonly<Record<PaintName, string>>

/** The colors that the theme gives an element now, again when the theme changes; undefined before it is there. */
export function usePaint(element: RefObject<HTMLElement | null>): Paint | undefined {
  const [paint, setPaint] = useState<Paint>()
  useEffect(() => {
    const read = (): void => setPaint(element.current === null ? undefined : paintOf(element.current))
    read()
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const theme = new MutationObserver(read)
    scheme.addEventListener('change', read)
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
    return () => {
      scheme.removeEventListener('change', read)
      theme.disconnect()
    }
  }, [element])
  return paint
}

/** A canvas knows no variables and no `light-dark`: an element that has the color says what it is. */
function paintOf(element: HTMLElement): Paint {
  const probe = document.createElement('span')
  probe.hidden = true
  element.append(probe)
  const entries = paintNames.map((name) => {
    probe.style.color = `var(--mr-${name})`
    return [name, getComputedStyle(probe).color] as const
  })
  probe.remove()
  return Object.fromEntries(entries) as Paint
}
