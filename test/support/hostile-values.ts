/** Values that types rule out or forget, and that a JavaScript caller, or a record from anywhere, brings all the same. */
export function hostileValues(): readonly (readonly [name: string, value: unknown])[] {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  let deep: unknown = 1
  for (let depth = 0; depth < 20_000; depth++) deep = [deep]
  return [
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['a function', () => 1],
    ['an empty text', ''],
    ['a blank text', ' '],
    ['a text', 'text'],
    ['a brace', '{'],
    ['text of broken JSON', '{"a":1'],
    ['text of broken JSON over two lines', '{"a":\n1'],
    ['a lone surrogate', '\ud800'],
    ['an object with a lone surrogate', { text: '\ud800' }],
    ['text with every control character', { text: String.fromCharCode(...Array(32).keys()) }],
    ['an array', []],
    ['an empty object', {}],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 })],
    ['a circle', circular],
    ['a revoked proxy', proxy],
    ['a nested bigint', { a: { b: 1n } }],
    ['nested 20,000 deep', { deep }],
    [
      'a getter that throws',
      {
        get a(): never {
          throw new Error('no')
        },
      },
    ],
    [
      'a getter that throws undefined',
      {
        get a(): never {
          throw undefined
        },
      },
    ],
    [
      'toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no')
        },
      },
    ],
    [
      'toJSON that throws null',
      {
        toJSON: () => {
          throw null
        },
      },
    ],
    [
      'toJSON that throws an object without prototype',
      {
        toJSON: () => {
          throw Object.create(null)
        },
      },
    ],
    ['toJSON that gives nothing', { toJSON: () => undefined }],
    ['toJSON that gives a text', { toJSON: () => 'text' }],
    [
      'toBytes that throws',
      {
        toBytes: () => {
          throw new Error('no')
        },
      },
    ],
    ['toBytes that gives a number', { toBytes: () => 5 }],
    ['toBytes that gives nothing', { toBytes: () => undefined }],
    [
      'a getter of toBytes that throws',
      {
        get toBytes(): never {
          throw new Error('no')
        },
      },
    ],
    ['no bytes', new Uint8Array(0)],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
    ['bytes of broken JSON', Buffer.from('{"a":')],
    ['bytes of JSON that ends too early', Buffer.from('{}}},{')],
    ['bytes of zeros', new Uint8Array(16)],
    ['a date that is none', new Date(Number.NaN)],
    ['a map', new Map([['a', 1]])],
    ['a promise', Promise.resolve(1)],
    ['a text of 2 MiB', { text: 'x'.repeat(2 * 1024 * 1024) }],
    ['a key with a line break', { 'a\nb': 1 }],
    ['a key of proto', JSON.parse('{"__proto__":{"a":1}}')],
  ]
}
