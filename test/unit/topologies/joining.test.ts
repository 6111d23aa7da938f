import { describe, expect, test } from '@jest/globals'
import type { KeyValueStore } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import type { EventOfRecord } from '../../../topologies/joining/held-event.ts'
import { defaultJoinSettings, LineJoiner } from '../../../topologies/joining/line-joiner.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)

/** The part of a store that is used. */
function memoryStore(rows: Map<string, string>): KeyValueStore<string, string> {
  const store = {
    all: () => [...rows].map(([key, value]) => ({ key, value })),
    put: (key: string, value: string) => void rows.set(key, value),
    delete: (key: string) => void rows.delete(key),
  }
  return store as unknown as KeyValueStore<string, string>
}

class Source {
  readonly documents: EventOfRecord[] = []
  readonly rows: Map<string, string>
  readonly joiner: LineJoiner
  readonly #reader = pipeline({ name: 'test' }).open()
  #offset: number

  constructor(rows = new Map<string, string>(), offset = 0, settings = defaultJoinSettings) {
    this.rows = rows
    this.joiner = new LineJoiner(memoryStore(rows), (event) => this.documents.push(event), settings)
    this.joiner.load(0)
    this.#offset = offset
  }

  /** Without a key, the source of a record is its partition. */
  sendWithoutKey(line: string): void {
    this.send(line, '0', 0, null as unknown as string)
  }

  send(line: string, source = 'web-1', nowMs = 0, key = source): void {
    const record = { id: `t-0-${this.#offset++}`, key, topic: 't', timestamp: receivedMs, headers: [], source }
    const whole = this.joiner.whole({ ...record, bytes: Buffer.from(line) }, nowMs)
    if (whole === undefined) return
    for (const event of this.#reader.read(whole.bytes, receivedMs, source) ?? [])
      this.joiner.add({ ...whole, event }, nowMs)
  }

  get messages(): readonly unknown[] {
    return this.documents.map(({ event }) => event.fields.message)
  }
}

const first = '2026-11-24 07:59:59,000 ERROR [main] shop.Cart: order failed'
const last = '2026-11-24 07:59:59,100 INFO [main] shop.Cart: next'

const traces: Readonly<Record<string, readonly string[]>> = {
  Java: [
    'java.lang.IllegalStateException: no stock',
    '\tat shop.Cart.order(Cart.java:42)',
    '\tat shop.Main.main(Main.java:7)',
    'Caused by: java.io.IOException: refused',
    '\tat shop.Net.open(Net.java:9)',
    '\t... 2 more',
  ],
  Python: [
    'Traceback (most recent call last):',
    '  File "/app/cart.py", line 42, in order',
    '    raise StockError(name)',
    'shop.errors.StockError: no stock',
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    'Traceback (most recent call last):',
    '  File "/app/main.py", line 7, in <module>',
    'RuntimeError: order failed',
  ],
  Go: [
    'panic: runtime error: index out of range [5] with length 3',
    '',
    'goroutine 1 [running]:',
    'main.order(0xc000012345, 0x2)',
    '\t/app/cart.go:42 +0x1d',
    'main.main()',
    '\t/app/main.go:7 +0x20',
    'exit status 2',
  ],
  Node: [
    "TypeError: Cannot read properties of undefined (reading 'stock')",
    '    at order (file:///app/cart.js:42:11)',
    '    at async main (file:///app/main.js:7:3) {',
    "  code: 'NO_STOCK'",
    '}',
  ],
  '.NET': [
    'System.InvalidOperationException: no stock',
    ' ---> System.IO.IOException: refused',
    '   at Shop.Net.Open() in /app/Net.cs:line 9',
    '   --- End of inner exception stack trace ---',
    '   at Shop.Cart.Order(String name) in /app/Cart.cs:line 42',
    '--- End of stack trace from previous location ---',
    '   at Shop.Program.Main()',
  ],
  Ruby: ['RuntimeError: no stock', "\t/app/cart.rb:42:in `order'", "\tfrom /app/main.rb:7:in `<main>'"],
  PHP: [
    'PHP Stack trace:',
    'PHP   1. {main}() /app/main.php:0',
    'Stack trace:',
    '#0 /app/main.php(7): order()',
    '#1 {main}',
    '  thrown in /app/cart.php on line 42',
  ],
}

describe('the lines of a stack trace become one document:', () => {
  // A panic of Go has nothing to do with the line before it.
  test.each(Object.entries(traces).filter(([name]) => name !== 'Go'))('%s, behind a line of a log', (_, lines) => {
    const source = new Source()
    for (const line of [first, ...lines, last]) source.send(line)
    expect(source.messages).toEqual([['order failed', ...lines].join('\n'), 'next'])
  })

  test.each(Object.entries(traces))('%s, by itself', (_, lines) => {
    const source = new Source()
    for (const line of [...lines, last]) source.send(line)
    expect(source.messages).toEqual([lines.join('\n'), 'next'])
  })

  test('of 50 sources that come between each other', () => {
    const source = new Source()
    const names = Array.from({ length: 50 }, (_, index) => `web-${index}`)
    const lines = [first, ...(traces.Java ?? []), last]
    for (const line of lines) for (const name of names) source.send(line, name)
    expect(source.documents).toHaveLength(100)
    expect(source.documents.filter(({ event }) => event.fields.joinedLines === 7)).toHaveLength(50)
  })

  test('with the level and time of the first, all lines as its original, and the id of the first record', () => {
    const source = new Source()
    for (const line of [first, '\tat a.B.c(B.java:1)', last]) source.send(line)
    const [{ event, id } = source.documents[1] as EventOfRecord] = source.documents
    expect([event.fields.level, event.fields.timestamp, id]).toEqual(['error', receivedMs - 1000, 't-0-0~2'])
    expect(event.original).toBe(`${first}\n\tat a.B.c(B.java:1)`)
  })

  test('when nothing more came for its time', () => {
    const source = new Source()
    source.send(first, 'web-1', 0)
    source.send('\tat a.B.c(B.java:1)', 'web-1', 1000)
    source.joiner.expire(2999)
    expect(source.messages).toEqual([])
    source.joiner.expire(3000)
    expect(source.messages).toEqual(['order failed\n\tat a.B.c(B.java:1)'])
  })

  test('also where a restart comes between them', () => {
    const before = new Source()
    for (const line of [first, '\tat a.B.c(B.java:1)']) before.send(line)
    before.joiner.save()
    const after = new Source(before.rows, 2)
    for (const line of ['\tat a.B.d(B.java:2)', last]) after.send(line)
    expect([...before.messages, ...after.messages]).toEqual([
      'order failed\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)',
      'next',
    ])
  })

  test('that is too long comes out in pieces, and nothing of it is lost', () => {
    const source = new Source(new Map(), 0, { ...defaultJoinSettings, linesMax: 3 })
    for (const line of [first, ...Array.from({ length: 5 }, (_, index) => `\tat a.B.c(B.java:${index})`), last])
      source.send(line)
    source.joiner.expire(10_000)
    expect(source.messages.join('\n').match(/B\.java/g)).toHaveLength(5)
  })
})

test('a record that is larger than the first line of any trace waits for nothing', () => {
  const source = new Source()
  source.send(`2026-11-24T07:59:51Z ERROR shop: ${'x'.repeat(70_000)}`)
  source.send(JSON.stringify({ level: 'error', message: 'small', more: 'x'.repeat(70_000) }))
  expect(source.documents).toHaveLength(2)
  source.joiner.save()
  expect(source.rows.size).toBe(0)
})

test('lines that only look alike stay documents of their own', () => {
  const source = new Source()
  for (const line of [first, last, 'just a line', 'Errors: 5', first, 'Listening (port 80)', last]) source.send(line)
  source.joiner.expire(10_000)
  expect(source.documents).toHaveLength(7)
})

describe('an event of its own is not joined to an error before it:', () => {
  const error = '{"level":"error","time":"2026-11-24T07:59:51Z","message":"payment failed","user":"ann"}'

  test.each([
    [
      'the name of an error',
      '{"level":"error","time":"2026-11-24T07:59:52Z","message":"ValueError: bad","user":"bob"}',
    ],
    ['an indented message', '{"level":"info","time":"2026-11-24T07:59:52Z","message":"  cart:"}'],
    ['an indented message of its level', '{"level":"error","time":"2026-11-24T07:59:52Z","message":"  cart:"}'],
    ['the number of a ticket', '{"level":"info","time":"2026-11-24T07:59:52Z","message":"#42 is closed"}'],
    ['a line with time and level', '2026-11-24T07:59:52Z INFO shop: ValueError: bad input, tried again'],
    ['a line with time and level of its level', '2026-11-24T07:59:52Z ERROR shop: ValueError: bad input'],
  ])('%s', (_, line) => {
    const source = new Source()
    source.send(error)
    source.send(line)
    source.joiner.expire(5000)
    expect(source.documents).toHaveLength(2)
  })

  test('a line of the trace of another program, or of another process of it', () => {
    const source = new Source()
    source.send('<11>Nov 24 07:59:51 h shop[1]: java.lang.IllegalStateException: no stock')
    source.send('<11>Nov 24 07:59:51 h cart[1]: \tat cart.A.b(C.java:1)')
    source.joiner.expire(5000)
    source.send('<11>Nov 24 07:59:51 h shop[1]: java.lang.IllegalStateException: no stock')
    source.send('<11>Nov 24 07:59:51 h shop[2]: \tat shop.A.b(C.java:1)')
    source.joiner.expire(9000)
    expect(source.documents).toHaveLength(4)
  })
})

test.each(Object.entries(traces).filter(([name]) => name === 'Java' || name === 'Python'))(
  'a trace of %s whose every line has the level and time of syslog is one document',
  (_, lines) => {
    const source = new Source()
    for (const line of lines) source.send(`<11>Nov 24 07:59:51 h shop[1]: ${line}`)
    source.joiner.expire(5000)
    expect(source.documents).toHaveLength(1)
  },
)

describe('the lines of a private key become one document, so that no redaction misses one of them:', () => {
  const end = '-----END RSA PRIVATE KEY-----'
  const body = ['Proc-Type: 4,ENCRYPTED', 'DEK-Info: AES-256-CBC,0B6C', '', `${'MIIEpAIB'.repeat(8)}`, 'AAKCAQ==']

  test.each([
    ['by itself', '-----BEGIN RSA PRIVATE KEY-----', ''],
    ['behind a line of a log', '2026-11-24T07:59:51Z INFO shop: key -----BEGIN RSA PRIVATE KEY-----', ''],
    [
      'whose every line has a time and level',
      '<14>Nov 24 07:59:51 h shop[1]: -----BEGIN RSA PRIVATE KEY-----',
      '<14>Nov 24 07:59:51 h shop[1]: ',
    ],
  ])('%s', (_, begin, head) => {
    const source = new Source()
    for (const line of [begin, ...[...body, end, 'started'].map((text) => head + text)]) source.send(line)
    source.joiner.expire(5000)
    const [key = '', next] = source.messages.map(String)
    expect(key.split('\n').slice(1)).toEqual([...body, end])
    expect(next).toBe('started')
  })

  test('a whole one waits for nothing', () => {
    const source = new Source()
    source.send(`2026-11-24T07:59:51Z INFO shop: -----BEGIN PRIVATE KEY-----\\nMIIE\\n${end}`)
    expect(source.documents).toHaveLength(1)
  })

  test('a sentence is no line of it', () => {
    const source = new Source()
    for (const line of ['-----BEGIN PRIVATE KEY-----', 'no key follows']) source.send(line)
    source.joiner.expire(5000)
    expect(source.messages).toEqual(['-----BEGIN PRIVATE KEY-----', 'no key follows'])
  })
})

test('the line of a failed request waits for nothing', () => {
  const source = new Source()
  source.send('192.0.2.7 - - [24/Nov/2026:07:59:59 +0000] "GET /cart HTTP/1.1" 500 12 "-" "curl/8"')
  expect(source.documents).toHaveLength(1)
})

test('nothing is held in the store after its document is out', () => {
  const source = new Source()
  source.send(first)
  source.joiner.save()
  expect(source.rows.size).toBe(1)
  source.send(last)
  source.joiner.save()
  expect(source.rows.size).toBe(0)
})

test('what has not changed since the last commit is not written to the store again', () => {
  const rows = new Map<string, string>()
  const source = new Source(rows)
  source.send(first, 'web-1')
  source.joiner.save()
  rows.clear()
  source.send(first, 'web-2')
  source.joiner.save()
  expect([...rows.keys()]).toEqual(['trace:t\nweb-2'])
})

describe('parts of a line that a container runtime has cut are one record:', () => {
  const time = '2026-11-24T07:59:59.123456789Z'

  test('CRI, with the streams of a container between each other', () => {
    const source = new Source()
    source.send(`${time} stdout P {"level":"error",`)
    source.send(`${time} stderr F 2026-11-24 07:59:59,000 INFO [main] a.B: other`)
    source.send(`${time} stdout F "msg":"bööm"}`)
    source.joiner.expire(10_000)
    expect(source.documents.map(({ event }) => event.original)).toEqual([
      `${time} stderr F 2026-11-24 07:59:59,000 INFO [main] a.B: other`,
      `${time} stdout F {"level":"error","msg":"bööm"}`,
    ])
  })

  test('Docker', () => {
    const source = new Source()
    const part = (text: string) => JSON.stringify({ log: text, stream: 'stdout', time })
    for (const text of ['a "first" ', 'and a second', ' part\n']) source.send(part(text))
    expect(source.documents.map(({ event }) => event.original)).toEqual([part('a "first" and a second part\n')])
  })

  test('Docker, with labels', () => {
    const source = new Source()
    const part = (text: string, service: string) =>
      JSON.stringify({ log: text, stream: 'stdout', attrs: { service }, time })
    for (const [text, service] of [
      ['a', 'shop'],
      ['b\n', 'cart'],
      ['c\n', 'shop'],
    ] as const)
      source.send(part(text, service))
    expect(source.documents.map(({ event }) => event.original)).toEqual([part('b\n', 'cart'), part('ac\n', 'shop')])
  })

  test('Docker, whose text ends in a backslash and an n', () => {
    const source = new Source()
    for (const text of ['C:\\n', 'ext\n']) source.send(JSON.stringify({ log: text, stream: 'stdout', time }))
    expect(source.messages).toEqual(['C:\\next'])
  })

  test('also where a restart comes between them', () => {
    const before = new Source()
    before.send(`${time} stdout P one `)
    before.joiner.save()
    const after = new Source(before.rows, 1)
    after.send(`${time} stdout F two`)
    after.joiner.expire(10_000)
    expect(after.documents.map(({ event, id }) => [event.original, id])).toEqual([
      [`${time} stdout F one two`, 't-0-0'],
    ])
  })

  test('a part whose end never comes is read after the time', () => {
    const source = new Source()
    source.send(`${time} stdout P one `)
    expect(source.joiner.expire(10_000).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      `${time} stdout F one `,
    ])
  })
})

describe('parts that a shipper has marked are one record, also without a key:', () => {
  const time = '2026-11-24T07:59:59.123Z'
  const kubernetes = (pod: string) => ({ pod_name: pod, labels: { app: 'shop' }, container_name: 'web' })
  const bitPart = (mark: string) => (log: string, isLast: boolean, pod: string) =>
    JSON.stringify({ time, stream: 'stdout', [mark]: isLast ? 'F' : 'P', log, kubernetes: kubernetes(pod) })
  const dockerPart = (log: string, isLast: boolean, pod: string): string => {
    const partial = { partial_message: 'true', partial_id: `of ${pod}`, partial_last: String(isLast) }
    return JSON.stringify({ container_id: pod, source: 'stdout', log, ...partial })
  }

  test.each([
    ["Fluent Bit's reader", bitPart('_p')],
    ["Fluent Bit's parser", bitPart('logtag')],
    ["Docker's driver for Fluentd", dockerPart],
  ])('%s', (_, part) => {
    const source = new Source()
    source.sendWithoutKey(part('bö"', false, 'a'))
    source.sendWithoutKey(part('one', true, 'b'))
    source.sendWithoutKey(part('öm', false, 'a'))
    source.sendWithoutKey(part(' "_p":"P"', true, 'a'))
    expect(source.documents.map(({ event }) => event.original)).toEqual([
      part('one', true, 'b'),
      part('bö"öm "_p":"P"', true, 'a'),
    ])
  })

  test.each(['', ',"kubernetes":{"pod_name":"a"}'])(
    'without a key or a name of their container, they are not%s',
    (more) => {
      const source = new Source()
      source.sendWithoutKey(`{"_p":"P","log":"one"${more}}`)
      source.sendWithoutKey(`{"_p":"F","log":"two"${more}}`)
      expect(source.messages).toEqual(['one', 'two'])
    },
  )
})

describe('lines of two containers are not joined:', () => {
  const time = '2026-11-24T07:59:59.123456789Z'
  const record = (log: string, more: object): string => JSON.stringify({ log, stream: 'stdout', ...more })

  test.each([
    ['of pods', { kubernetes: { pod_name: 'a' } }, { kubernetes: { pod_name: 'b' } }],
    ['without a time', {}, {}],
    ['with the number of a time', { time: 1795507199.123 }, { time: 1795507199.124 }],
    ['with a host', { time, host: 'a' }, { time, host: 'b' }],
  ])('records of a shipper that takes line ends away, %s', (_, first, second) => {
    const source = new Source()
    source.send(record('line one', first))
    source.send(record('line two', second))
    expect(source.messages).toEqual(['line one', 'line two'])
  })

  test.each([
    ['CRI', `${time} stdout P of a`, `${time} stdout F of b`],
    ['Docker', record('of a', { time }), record('of b\n', { time })],
  ])('parts of %s in records without a key, which may be of any container', (_, first, second) => {
    const source = new Source()
    source.sendWithoutKey(first)
    source.sendWithoutKey(second)
    expect(source.messages).toEqual(['of a', 'of b'])
  })
})
