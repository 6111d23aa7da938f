import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { MillraceError } from '../../../src/core/errors.ts'
import type { Headers } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Producer } from '../../../src/kafka/port.ts'
import { newCounters } from '../../../src/runtime/counters.ts'
import { DropLog } from '../../../src/runtime/task/drop-log.ts'
import { RecordCollector } from '../../../src/runtime/task/record-collector.ts'
import { rejectInto } from '../../../src/runtime/task/sink-rejects.ts'
import type { SinkRecord } from '../../../src/sinks/port.ts'

interface Letter {
  readonly topic: string
  readonly key: string | undefined
  readonly value: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

function textOf(bytes: Uint8Array | null): string | undefined {
  return bytes === null ? undefined : Buffer.from(bytes).toString()
}

/** What becomes of a rejection. */
function reject(more: Partial<SinkRecord>, { hasTopic = true, bytesMax = 1_000_000 } = {}) {
  const letters: Letter[] = []
  const send: Producer['send'] = (topic, _partition, key, value, _timestamp, headers: Headers) => {
    if ((key?.length ?? 0) + (value?.length ?? 0) > bytesMax)
      throw new MillraceError('RECORD_TOO_LARGE', 'record', 'too large')
    const texts = headers.map((header) => [header.key, textOf(header.value) ?? ''])
    letters.push({ topic, key: textOf(key), value: textOf(value), headers: Object.fromEntries(texts) })
  }
  const counters = newCounters()
  const clock = new ManualClock()
  const producer = { partitionCount: () => 1, send } as unknown as Producer
  const collector = new RecordCollector(producer, 0, new Map(), counters, clock)
  const drops = new DropLog(counters, clock, silentLogger)
  const place = { topic: 'logs', partition: 3, offset: 7, sequence: 0, timestamp: 5 }
  const record = { ...place, key: 'k', value: { n: 1 }, headers: [{ key: 'h', value: Buffer.from('v') }], ...more }
  const rejection = { record, code: 'DOCUMENT_REFUSED', reason: '400 no such type' }
  const settings = { applicationId: 'app', deadLetterTopic: hasTopic ? 'letters' : undefined }
  const topology = { hash: () => 'the hash' }
  rejectInto({ settings, topology, taskId: '0_3', sinkName: 'search', collector, drops })(rejection)
  return {
    letters,
    dropped: counters.drops.byReason()['refused by sink search'],
    unwritten: counters.drops.byReason()['dead letter refused'],
  }
}

describe('a document that a sink refuses', () => {
  test('is a dead letter that says which sink refused it, why, and where its record is', () => {
    const { letters, dropped } = reject({})
    expect(dropped).toBe(1)
    expect(letters).toEqual([
      {
        topic: 'letters',
        key: 'k',
        value: '{"n":1}',
        headers: {
          '__millrace.errors.application': 'app',
          '__millrace.errors.topology': 'the hash',
          '__millrace.errors.task': '0_3',
          '__millrace.errors.node': 'search',
          h: 'v',
          '__streams.errors.exception': 'DOCUMENT_REFUSED',
          '__streams.errors.message': 'sink search refused the document: 400 no such type [DOCUMENT_REFUSED]',
          '__streams.errors.stacktrace': expect.any(String),
          '__streams.errors.topic': 'logs',
          '__streams.errors.partition': '3',
          '__streams.errors.offset': '7',
        },
      },
    ])
  })

  test('is only counted where no topic takes dead letters', () => {
    expect(reject({}, { hasTopic: false })).toMatchObject({ letters: [], dropped: 1 })
  })

  test('that is too large for a letter leaves its value out and says so', () => {
    const { letters, dropped } = reject({ value: 'x'.repeat(100) }, { bytesMax: 50 })
    expect([letters.length, letters[0]?.key, letters[0]?.value, dropped]).toEqual([1, 'k', undefined, 1])
    expect(letters[0]?.headers).toMatchObject({
      '__streams.errors.value-left-out': '100 bytes, too large for a dead letter',
      '__streams.errors.offset': '7',
    })
  })

  test('whose letter is refused as well is counted, and ends nothing', () => {
    expect(reject({}, { bytesMax: -1 })).toEqual({ letters: [], dropped: 1, unwritten: 1 })
  })

  const circle: Record<string, unknown> = { a: 1n }
  circle.self = circle
  test.each([
    ['no value', null, undefined],
    ['text', 'text', 'text'],
    ['bytes', Buffer.from('{"a": 1.50}'), '{"a": 1.50}'],
    ['what is written already', { toBytes: () => Buffer.from('{"a": 1.50}') }, '{"a": 1.50}'],
    ['a big integer inside', { big: 1n }, '{ big: 1n }'],
    ['a circle', circle, '<ref *1> { a: 1n, self: [Circular *1] }'],
    ['a function', Math.max, '[Function: max]'],
  ])('has the value that it can have: %s', (_name, value, text) => {
    expect(reject({ value }).letters[0]?.value).toBe(text)
  })
})
