export interface HeatLayout {
  readonly width: number
  readonly rowHeight: number
  /** Room for the names of rows, on the left. */
  readonly namesWidth: number
}

/** A step of a row. */
export interface HeatCell {
  readonly step: number
  readonly row: number
}

/** The step and the row at a place of the canvas; undefined: there is none. */
export function cellAt(
  { x, y }: { readonly x: number; readonly y: number },
  { width, rowHeight, namesWidth }: HeatLayout,
  { steps, rows }: { readonly steps: number; readonly rows: number },
): HeatCell | undefined {
  const step = Math.floor(((x - namesWidth) / (width - namesWidth)) * steps)
  const row = Math.floor(y / rowHeight)
  return step < 0 || step >= steps || row < 0 || row >= rows ? undefined : { step, row }
}
