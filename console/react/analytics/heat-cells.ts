import type { HeatCell, HeatLayout } from './heat-layout.ts'
import type { Series } from './numbers.ts'
import type { Paint } from './paint.ts'

export interface HeatRow {
  readonly name: string
  readonly total: Series
}

/** Draws how much there was in each row and step: the more, the stronger. */
export function drawHeat(
  context: CanvasRenderingContext2D,
  rows: readonly HeatRow[],
  {
    layout,
    paint,
    marked,
  }: { readonly layout: HeatLayout; readonly paint: Paint; readonly marked: HeatCell | undefined },
): void {
  const { width, rowHeight, namesWidth } = layout
  const steps = rows[0]?.total.length ?? 0
  const stepWidth = (width - namesWidth) / Math.max(1, steps)
  const most = Math.max(1, ...rows.flatMap(({ total }) => total.map((value) => value ?? 0)))
  context.clearRect(0, 0, width, rowHeight * rows.length)
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  for (const [row, { name, total }] of rows.entries()) {
    const top = row * rowHeight
    context.globalAlpha = 1
    context.fillStyle = paint.text
    context.fillText(shortened(context, name, namesWidth - 10), 2, top + rowHeight / 2)
    for (const [step, value] of total.entries()) {
      if (value === null) continue
      context.fillStyle = value === 0 ? paint.line : paint.accent
      // A root, so that small numbers can be told from none.
      context.globalAlpha = value === 0 ? 0.4 : 0.15 + 0.85 * Math.sqrt(value / most)
      context.fillRect(namesWidth + step * stepWidth, top + 1, Math.max(1, stepWidth - 1), rowHeight - 2)
    }
  }
  context.globalAlpha = 1
  if (marked === undefined) return
  context.strokeStyle = paint.text
  context.strokeRect(namesWidth + marked.step * stepWidth - 0.5, marked.row * rowHeight + 0.5, stepWidth, rowHeight - 1)
}

/** The end of a name says more than its beginning. */
function shortened(context: CanvasRenderingContext2D, name: string, width: number): string {
  if (context.measureText(name).width <= width) return name
  let text = name
  while (text.length > 1 && context.measureText(`…${text}`).width > width) text = text.slice(1)
  return `…${text}`
}
