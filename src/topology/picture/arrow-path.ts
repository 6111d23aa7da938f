import type { PlacedArrow } from './layered-layout.ts'

/** The line of an arrow as the path of an SVG: from the lower edge of an item to the upper edge of the next, upright at both ends. */
export function arrowPath({ points }: PlacedArrow, itemHeight: number): string {
  const [first, ...others] = points
  if (first === undefined) return ''
  let { x, y } = { x: first.x, y: first.y + itemHeight / 2 }
  let path = `M${round(x)} ${round(y)}`
  for (const [index, point] of others.entries()) {
    const end = { x: point.x, y: index === others.length - 1 ? point.y - itemHeight / 2 : point.y }
    const half = (end.y - y) / 2
    path += ` C${round(x)} ${round(y + half)} ${round(end.x)} ${round(end.y - half)} ${round(end.x)} ${round(end.y)}`
    ;({ x, y } = end)
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
