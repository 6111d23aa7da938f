import type { PictureArrow, PictureGraph, PictureItem } from './picture.ts'

/** An item with its place, in pixels. */
export interface PlacedItem extends PictureItem {
  /** The middle. */
  readonly x: number
  readonly y: number
  readonly width: number
}

/** An arrow with the points that its line goes through, in pixels. */
export interface PlacedArrow extends PictureArrow {
  /** From item to item, through every layer between them. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** The picture with all places, and its size in pixels. */
export interface Layout {
  readonly items: readonly PlacedItem[]
  readonly arrows: readonly PlacedArrow[]
  readonly width: number
  readonly height: number
}

/** How large items are, in pixels. */
export interface LayoutSizes {
  readonly itemHeight: number
  /** From the upper edge of a layer to that of the next. */
  readonly layerHeight: number
  readonly widthOf: (item: PictureItem) => number
}

const characterWidth = 7.3

/** One line of text in each item. */
export const lineSizes: LayoutSizes = Object.freeze({
  itemHeight: 30,
  layerHeight: 84,
  widthOf: ({ text }: PictureItem) => text.length * characterWidth + 24,
})

const gap = 22
const margin = 24
const sweeps = 6

/** A place in a layer: of an item, or of an arrow that passes. */
interface Cell {
  readonly layer: number
  readonly width: number
  readonly neighbors: Cell[]
  x: number
}

/** Records flow from the top to the bottom: an item is below everything that leads to it; loops are drawn upward. */
export function layeredLayout({ items, arrows }: PictureGraph, sizes: LayoutSizes = lineSizes): Layout {
  const { itemHeight, layerHeight, widthOf } = sizes
  const layers = layersOf(items, arrows)
  const cells = new Map<string, Cell>()
  const rows: Cell[][] = []
  const addCell = (layer: number, width: number): Cell => {
    const row = (rows[layer] ??= [])
    const last = row.at(-1)
    const x = last === undefined ? margin + width / 2 : last.x + last.width / 2 + gap + width / 2
    const cell: Cell = { layer, width, neighbors: [], x }
    row.push(cell)
    return cell
  }
  for (const item of items) cells.set(item.id, addCell(layers.get(item.id) ?? 0, widthOf(item)))
  const paths = arrows.map((arrow) => ({ arrow, path: pathOf(cells.get(arrow.from), cells.get(arrow.to), addCell) }))
  for (let sweep = 0; sweep < sweeps; sweep++)
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) settle(row)
  shiftToMargin(rows.flat())
  const placeOf = ({ x, layer }: Cell) => ({ x, y: margin + itemHeight / 2 + layer * layerHeight })
  const placed = items.flatMap((item) => {
    const cell = cells.get(item.id)
    return cell === undefined ? [] : [{ ...item, ...placeOf(cell), width: cell.width }]
  })
  const right = Math.max(...rows.flat().map((cell) => cell.x + cell.width / 2), 0)
  return {
    items: placed,
    arrows: paths.map(({ arrow, path }) => ({ ...arrow, points: path.map(placeOf) })),
    width: right + margin,
    height: rows.length * layerHeight - (layerHeight - itemHeight) + 2 * margin,
  }
}

/** The longest way from a beginning; an arrow back to what leads here does not count. */
function layersOf(items: PictureGraph['items'], arrows: PictureGraph['arrows']): ReadonlyMap<string, number> {
  const next = new Map<string, string[]>()
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to])
  const order: string[] = []
  const forward = new Map<string, string[]>()
  const state = new Map<string, 'open' | 'done'>()
  const visit = (id: string): void => {
    state.set(id, 'open')
    for (const to of next.get(id) ?? []) {
      if (state.get(to) === 'open') continue
      forward.set(id, [...(forward.get(id) ?? []), to])
      if (!state.has(to)) visit(to)
    }
    state.set(id, 'done')
    order.unshift(id)
  }
  const reached = new Set(arrows.map(({ to }) => to))
  for (const { id } of [...items.filter((item) => !reached.has(item.id)), ...items]) if (!state.has(id)) visit(id)
  const layers = new Map(items.map(({ id }) => [id, 0]))
  for (const id of order)
    for (const to of forward.get(id) ?? []) layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(id) ?? 0) + 1))
  return layers
}

function pathOf(from: Cell | undefined, to: Cell | undefined, addCell: (layer: number, width: number) => Cell): Cell[] {
  if (from === undefined || to === undefined) return []
  const path = [from]
  for (let layer = from.layer + 1; layer < to.layer; layer++) path.push(addCell(layer, 8))
  path.push(to)
  for (const [index, cell] of path.entries()) {
    const after = path[index + 1]
    if (after === undefined) continue
    cell.neighbors.push(after)
    after.neighbors.push(cell)
  }
  return path
}

/** Moves each cell of a row to the middle of its neighbors, as near as the others allow. */
function settle(row: Cell[]): void {
  const wanted = new Map(row.map((cell) => [cell, middle(cell)]))
  row.sort((left, right) => (wanted.get(left) ?? 0) - (wanted.get(right) ?? 0))
  let edge = Number.NEGATIVE_INFINITY
  let pushed = 0
  for (const cell of row) {
    const x = Math.max(wanted.get(cell) ?? 0, edge + gap + cell.width / 2)
    pushed += x - (wanted.get(cell) ?? 0)
    cell.x = x
    edge = x + cell.width / 2
  }
  // Pushed to the right only: the whole row goes back by what each was pushed on average.
  for (const cell of row) cell.x -= pushed / row.length
}

function middle({ neighbors, x }: Cell): number {
  return neighbors.length === 0 ? x : neighbors.reduce((sum, cell) => sum + cell.x, 0) / neighbors.length
}

function shiftToMargin(cells: readonly Cell[]): void {
  const left = Math.min(...cells.map((cell) => cell.x - cell.width / 2))
  for (const cell of cells) cell.x += margin - left
}
