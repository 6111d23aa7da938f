import { type KeyValueStore, string } from '../../src/index.ts'
import { noHeaders } from '../../src/core/headers.ts'
import { LogEvent } from '../../src/pipelines/index.ts'
import { openOperatorStores } from '../../src/testing/operator-stores.ts'
import { LineJoiner } from '../../topologies/joining/line-joiner.ts'
import { type ParseCase, receivedMs } from './parse-case.ts'

const trace = [
  'order failed',
  'java.lang.IllegalStateException: no stock',
  ...Array.from({ length: 6 }, (_, index) => `\tat com.example.shop.Cart.order(Cart.java:${40 + index})`),
]
const record = {
  id: 'logs-0-7',
  key: 'web-1',
  topic: 'logs',
  timestamp: receivedMs,
  headers: noHeaders,
  source: 'web-1',
}

/** What it costs a record that lines may belong together; reading is not part of it. */
export function joiningCases(): readonly ParseCase[] {
  return [
    addCase('a line that begins nothing', [['order 7 sent', 'info']]),
    addCase(
      `a Java trace, ${trace.length} lines`,
      trace.map((line, index) => [line, index === 0 ? 'error' : undefined]),
    ),
    partCase('a record that is no part', ['203.0.113.9 - - [24/Nov/2026:07:59:58 +0000] "GET / HTTP/1.1" 200 574']),
    partCase('a whole line of CRI', ['2026-11-24T07:59:59.123456789Z stdout F order 7 sent']),
    partCase('a line of CRI in two parts', [
      '2026-11-24T07:59:59.123456789Z stdout P order 7',
      '2026-11-24T07:59:59.123456790Z stdout F  sent',
    ]),
  ]
}

/** Adds events one after another; `level` is what they were read to have, with a time of their own. */
function addCase(name: string, lines: readonly (readonly [line: string, level: string | undefined])[]): ParseCase {
  const joiner = openJoiner()
  return {
    name,
    bytes: lines.reduce((sum, [line]) => sum + line.length, 0),
    run: () => {
      for (const [line, level] of lines) {
        const event = new LogEvent(line, receivedMs, 'web-1')
        event.fields.message = line
        if (level !== undefined) Object.assign(event.fields, { level, timestamp: receivedMs })
        joiner.add({ ...record, event }, receivedMs)
      }
    },
  }
}

function partCase(name: string, lines: readonly string[]): ParseCase {
  const joiner = openJoiner()
  const records = lines.map((line) => ({ ...record, bytes: Buffer.from(line) }))
  return {
    name,
    bytes: lines.reduce((sum, line) => sum + line.length, 0),
    run: () => {
      for (const next of records) joiner.whole(next, receivedMs)
    },
  }
}

function openJoiner(): LineJoiner {
  const { stores } = openOperatorStores([{ kind: 'key-value', name: 'lines', value: string() }])
  const joiner = new LineJoiner(stores[0] as KeyValueStore<string, string>, () => {})
  joiner.load(receivedMs)
  return joiner
}
