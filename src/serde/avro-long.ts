import avsc from 'avsc'

/** The part of avsc's reader and writer that a type works with. */
interface Tap {
  readonly buf: Uint8Array
  pos: number
}

interface LongType {
  readonly _read: (tap: Tap) => number
  readonly _write: (tap: Tap, value: number) => void
}

/** From here on the library's floating point drops the bit that carries the sign. */
const exactBelow = 2 ** 52

/** A `long` that is right up to ±(2^53 - 2); the library's own turns numbers below -2^52 into positive ones. */
function createLongType(): avsc.Type {
  const type = new avsc.types.LongType()
  const { _read: read, _write: write } = type as unknown as LongType
  const exact: LongType = {
    _read(tap) {
      const start = tap.pos
      const value = read.call(type, tap)
      return value < exactBelow && value > -exactBelow ? value : readExactly(tap.buf, start)
    },
    _write(tap, value) {
      if (value >= -exactBelow || !Number.isSafeInteger(value)) write.call(type, tap, value)
      else writeExactly(tap, value)
    },
  }
  return Object.freeze(Object.assign(Object.create(type) as avsc.Type, exact))
}

/** The one that all schemas have. */
export const longType = createLongType()

/** For avsc's `typeHook`. */
export function exactLong(schema: unknown): avsc.Type | undefined {
  const name = typeof schema === 'string' ? schema : (schema as { type?: unknown } | null)?.type
  return name === 'long' ? longType : undefined
}

function readExactly(bytes: Uint8Array, start: number): number {
  let zigzag = 0n
  for (let at = start, shift = 0n; shift < 70n; at++, shift += 7n) {
    const byte = bytes[at] ?? 0
    zigzag |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return Number((zigzag >> 1n) ^ -(zigzag & 1n))
}

function writeExactly(tap: Tap, value: number): void {
  let zigzag = BigInt(value) * -2n - 1n
  for (; zigzag > 0x7fn; zigzag >>= 7n) tap.buf[tap.pos++] = Number(zigzag & 0x7fn) | 0x80
  tap.buf[tap.pos++] = Number(zigzag)
}
