/** A value that no type allows somewhere, or that is trouble when it is looked at; made anew for each use. */
export type HostileValue = readonly [name: string, make: () => unknown]

const thrower = (): never => {
  throw new Error('looked at')
}

export const hostileValues: readonly HostileValue[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['NaN', () => Number.NaN],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['-Infinity', () => Number.NEGATIVE_INFINITY],
  ['a fraction', () => 1.5],
  ['-1', () => -1],
  ['2^53', () => 2 ** 53],
  ['a bigint', () => 10n],
  ['a symbol', () => Symbol('hostile')],
  ['a Date', () => new Date(5)],
  ['an invalid Date', () => new Date(Number.NaN)],
  ['true', () => true],
  ['the empty text', () => ''],
  ['a huge text', () => 'x'.repeat(2_000_000)],
  ['half a surrogate pair', () => '\ud800'],
  ['an empty list', () => []],
  // oxlint-disable-next-line no-sparse-arrays -- what it is about
  ['a sparse list', () => [, 1, , 2]],
  [
    'a proxy that throws',
    () => new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower }),
  ],
  ['a getter that throws', () => Object.defineProperty({}, 'then', { get: thrower, enumerable: true })],
  ['a toString that throws', () => ({ toString: thrower, valueOf: thrower })],
  ['a toJSON that throws', () => ({ toJSON: thrower })],
  ['an object without prototype', () => Object.create(null) as unknown],
  ['a frozen object', () => Object.freeze({ a: 1 })],
  [
    'a circle',
    () => {
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      return circle
    },
  ],
  ['a promise', () => Promise.resolve('late')],
  ['a promise that rejects', () => Promise.reject(new Error('late'))],
  // oxlint-disable-next-line unicorn/no-thenable -- what it is about
  ['a thenable', () => ({ then: (resolve: (value: unknown) => void) => resolve(1) })],
  ['a function', () => () => 1],
  ['a class', () => class Hostile {}],
  ['a Buffer', () => Buffer.from('bytes')],
  ['a Uint8Array', () => new Uint8Array([0xff, 0xfe])],
  ['an ArrayBuffer', () => new ArrayBuffer(4)],
  [
    'detached bytes',
    () => {
      const bytes = new Uint8Array(4)
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
      return bytes
    },
  ],
  ['an error', () => new Error('hostile')],
  ['something with a consequence', () => ({ consequence: 'whatever', message: 5, code: {} })],
]
