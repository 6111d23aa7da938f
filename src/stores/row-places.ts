/** Rows in one piece of memory: each has three numbers, of which the first two are where its key begins, and its length. */
export interface RowPlaces {
  readonly bytes: Uint8Array
  readonly places: Uint32Array
  readonly count: number
}

const fewRows = 24
/** Of 64 bits, 40 hold bytes of the key and 24 the place of the row. */
const rowsMax = 1 << 24

/** The rows' numbers in the order of their keys; of rows with the same key only the last one. */
export function placesByKey(rows: RowPlaces): Uint32Array {
  const order = new Uint32Array(rows.count)
  for (let index = 0; index < order.length; index++) order[index] = index
  sortRun(rows, order, 0)
  let count = 0
  for (let index = 0; index < order.length; index++) {
    const row = order[index] as number
    if (index + 1 < order.length && compareRows(rows, row, order[index + 1] as number, 0) === 0) continue
    order[count++] = row
  }
  return order.subarray(0, count)
}

/**
 * Sorts rows whose keys have their first `shared` bytes in common; rows of equal keys keep their order. Many rows are
 * sorted as numbers, by the five bytes behind those that all keys share; rows that have these in common as well are then
 * sorted among themselves.
 */
function sortRun(rows: RowPlaces, order: Uint32Array, shared: number): void {
  if (order.length <= fewRows) {
    insert(rows, order, shared)
    return
  }
  if (order.length > rowsMax) throw new RangeError(`${order.length} rows are too many for one write`)
  const from = sharedLength(rows, order, shared)
  if (from === undefined) return
  const words = new Uint32Array(order.length * 2)
  for (let index = 0; index < order.length; index++) {
    const row = order[index] as number
    const at = (rows.places[3 * row] as number) + from
    const end = (rows.places[3 * row] as number) + (rows.places[3 * row + 1] as number)
    // Little-endian: the second word is the upper one.
    words[2 * index] = (byteAt(rows, at + 4, end) << 24) | index
    words[2 * index + 1] =
      (byteAt(rows, at, end) << 24) |
      (byteAt(rows, at + 1, end) << 16) |
      (byteAt(rows, at + 2, end) << 8) |
      byteAt(rows, at + 3, end)
  }
  new BigUint64Array(words.buffer).sort()
  const unsorted = order.slice()
  for (let index = 0; index < order.length; index++)
    order[index] = unsorted[(words[2 * index] as number) & (rowsMax - 1)] as number
  for (let start = 0, end = 1; end <= order.length; end++) {
    if (end < order.length && hasSameBytes(words, start, end)) continue
    const run = order.subarray(start, end)
    // All of them: some keys end where others have zero bytes.
    if (run.length === order.length && run.length > fewRows)
      run.sort((left, right) => compareRows(rows, left, right, from) || left - right)
    else if (run.length > 1) sortRun(rows, run, from)
    start = end
  }
}

function insert(rows: RowPlaces, order: Uint32Array, shared: number): void {
  for (let index = 1; index < order.length; index++) {
    const row = order[index] as number
    let at = index
    for (; at > 0 && compareRows(rows, order[at - 1] as number, row, shared) > 0; at--)
      order[at] = order[at - 1] as number
    order[at] = row
  }
}

/** How many bytes all keys begin with; undefined when they are one and the same. */
function sharedLength({ bytes, places }: RowPlaces, order: Uint32Array, atLeast: number): number | undefined {
  const first = 3 * (order[0] as number)
  const firstAt = places[first] as number
  const length = places[first + 1] as number
  let shared = length
  let isSame = true
  for (const row of order) {
    const at = places[3 * row] as number
    const otherLength = places[3 * row + 1] as number
    let end = Math.min(shared, otherLength)
    for (let index = atLeast; index < end; index++) if (bytes[at + index] !== bytes[firstAt + index]) end = index
    shared = end
    isSame &&= end === length && otherLength === length
  }
  return isSame ? undefined : shared
}

/** Unsigned lexicographic order of the keys from a byte on. */
function compareRows({ bytes, places }: RowPlaces, left: number, right: number, from: number): number {
  const leftLength = places[3 * left + 1] as number
  const rightLength = places[3 * right + 1] as number
  const leftAt = places[3 * left] as number
  const rightAt = places[3 * right] as number
  const length = leftLength < rightLength ? leftLength : rightLength
  for (let index = from; index < length; index++) {
    const difference = (bytes[leftAt + index] as number) - (bytes[rightAt + index] as number)
    if (difference !== 0) return difference
  }
  return leftLength - rightLength
}

function byteAt({ bytes }: RowPlaces, at: number, end: number): number {
  return at < end ? (bytes[at] as number) : 0
}

function hasSameBytes(words: Uint32Array, left: number, right: number): boolean {
  return (
    words[2 * left + 1] === words[2 * right + 1] &&
    (words[2 * left] as number) >>> 24 === (words[2 * right] as number) >>> 24
  )
}
