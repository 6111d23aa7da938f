import avsc from 'avsc'

/** The part of avsc's reader that a type works with. */
interface Tap {
  readonly buf: Uint8Array
  pos: number
  readonly readLong: () => number
  readonly skipLong: () => void
  readonly readString: () => string
  readonly skipString: () => void
}

interface Part {
  readonly _read: (tap: Tap) => unknown
  readonly _skip: (tap: Tap) => void
}

/** `this` of a method: a type, or a resolver that reads what another schema wrote. */
interface ArrayReader {
  readonly itemsType: Part
}

interface MapReader {
  readonly valuesType: Part
}

/** Items that take no bytes, of all arrays of a record: a few bytes could claim any number of them. */
export const emptyItemsMost = 65_536
export const tooManyEmptyItems = `its arrays have more than ${emptyItemsMost} items that take no bytes`

const emptyItems = new WeakMap<Tap, number>()

/**
 * For avsc's `typeHook`: arrays and maps that stop at the end of the bytes. The library's own follow any count, so that a
 * few bytes keep a loop busy for hours. A resolver takes `_read` from the type that it reads into.
 */
export function boundedBlocks(schema: unknown, options: avsc.ForSchemaOptions | undefined): avsc.Type | undefined {
  const name = (schema as { type?: unknown } | null)?.type
  if (name === 'array') return bounded(new avsc.types.ArrayType(schema as never, options), boundedArray)
  if (name === 'map') return bounded(new avsc.types.MapType(schema as never, options), boundedMap)
  return undefined
}

/** A type of the library is frozen. */
function bounded(type: avsc.Type, methods: object): avsc.Type {
  return Object.freeze(Object.assign(Object.create(type) as avsc.Type, methods))
}

const boundedArray = {
  _read(this: ArrayReader, tap: Tap): unknown[] {
    const items = this.itemsType
    const values: unknown[] = []
    for (let count = countToRead(tap); count; count = countToRead(tap)) {
      for (; count > 0; count--) {
        const start = tap.pos
        values.push(items._read(tap))
        if (!(tap.pos > start)) countEmpty(tap)
        checkEnd(tap)
      }
    }
    return values
  },
  _skip(this: ArrayReader, tap: Tap): void {
    const items = this.itemsType
    for (let count = countToSkip(tap); count; count = countToSkip(tap)) {
      for (; count > 0; count--) {
        const start = tap.pos
        items._skip(tap)
        if (!(tap.pos > start)) countEmpty(tap)
        checkEnd(tap)
      }
    }
  },
}

const boundedMap = {
  _read(this: MapReader, tap: Tap): Record<string, unknown> {
    const type = this.valuesType
    const values: Record<string, unknown> = {}
    for (let count = countToRead(tap); count; count = countToRead(tap)) {
      for (; count > 0; count--) {
        const key = tap.readString()
        checkEnd(tap)
        setValue(values, key, type._read(tap))
        checkEnd(tap)
      }
    }
    return values
  },
  _skip(this: MapReader, tap: Tap): void {
    const type = this.valuesType
    for (let count = countToSkip(tap); count; count = countToSkip(tap)) {
      for (; count > 0; count--) {
        tap.skipString()
        checkEnd(tap)
        type._skip(tap)
        checkEnd(tap)
      }
    }
  },
}

/** Where values are read, the number of bytes of a block is not looked at. */
function countToRead(tap: Tap): number {
  const count = tap.readLong()
  if (count < 0) tap.skipLong()
  checkEnd(tap)
  return Math.abs(count)
}

/** Goes over blocks that say how many bytes they have. */
function countToSkip(tap: Tap): number {
  for (;;) {
    const count = tap.readLong()
    checkEnd(tap)
    if (!(count < 0)) return count
    const bytes = tap.readLong()
    // It could lead back to this block.
    if (!(bytes >= 0)) throw truncated()
    tap.pos += bytes
    checkEnd(tap)
  }
}

function checkEnd(tap: Tap): void {
  if (!(tap.pos <= tap.buf.length)) throw truncated()
}

function countEmpty(tap: Tap): void {
  const count = (emptyItems.get(tap) ?? 0) + 1
  if (count > emptyItemsMost) throw new Error(tooManyEmptyItems)
  emptyItems.set(tap, count)
}

/** The words of the library for bytes that end too soon. */
function truncated(): Error {
  return new Error('truncated buffer')
}

/** An entry of any name: an assignment to `__proto__` would be none. */
function setValue(values: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') values[key] = value
  else Object.defineProperty(values, key, { value, enumerable: true, configurable: true, writable: true })
}
