import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { MillraceError } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Producer } from '../../../src/kafka/port.ts'
import { newCounters } from '../../../src/runtime/counters.ts'
import { DropLog } from '../../../src/runtime/task/drop-log.ts'
import { RecordCollector } from '../../../src/runtime/task/record-collector.ts'
import { rejectInto } from '../../../src/runtime/task/sink-rejects.ts'
import type { BatchTarget, SinkBatch } from '../../../src/sinks/batch-target.ts'
import { batchingSinkFactory } from '../../../src/sinks/batching-sink-factory.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import { filesSink } from '../../../src/sinks/files/files-sink.ts'
import type { SinkFactory, SinkRecord, SinkRejection } from '../../../src/sinks/port.ts'
import { splunkHecSink } from '../../../src/sinks/splunk-hec/splunk-hec-sink.ts'
import { allWritten } from '../../../src/sinks/write-results.ts'
import { BulkServer } from '../../support/bulk-server.ts'
import { HecServer } from '../../support/hec-server.ts'
import { hostileValues } from '../../support/hostile-values.ts'
import { flushAtLast } from '../../support/sink-patience.ts'

/** What a user function does with the record at hand. */
type UserFunction = (record: SinkRecord) => unknown

interface HostileSink {
  /** User functions by the name of their option. */
  factoryOf(functions: Readonly<Record<string, UserFunction>>): SinkFactory
  /** Names of the options that are functions. */
  readonly functions: readonly string[]
  /** Markers of the good documents that arrived. */
  written(): Promise<readonly string[]>
}

const hostile = 1
const goodOffsets = [0, 2, 3]
const keyCount = hostileValues().length

describe('hostile documents', () => {
  const elastic = new BulkServer()
  const splunk = new HecServer({ token: 't' })
  const own: string[] = []
  let directory = ''
  let cases = 0
  const unhandled: unknown[] = []
  const noteUnhandled = (error: unknown): void => void unhandled.push(error)

  beforeAll(async () => {
    process.on('unhandledRejection', noteUnhandled)
    directory = await mkdtemp(join(tmpdir(), 'millrace-hostile-'))
    await elastic.start()
    await splunk.start()
  })

  afterAll(async () => {
    process.off('unhandledRejection', noteUnhandled)
    await elastic.stop()
    await splunk.stop()
    await rm(directory, { recursive: true })
    process.stdout.write(`hostile documents: ${cases} cases\n`)
    expect(unhandled).toEqual([])
  })

  const sinks: Readonly<Record<string, HostileSink>> = {
    Elasticsearch: {
      functions: ['document', 'documentId', 'index'],
      factoryOf: (functions) => elasticsearchSink({ name: 's', node: elastic.url, index: () => 'logs', ...functions }),
      written: async () => [...elastic.indices.values()].flatMap((documents) => [...documents.values()]),
    },
    'Splunk HEC': {
      functions: ['event', 'index', 'host'],
      factoryOf: (functions) => splunkHecSink({ name: 's', url: splunk.url, token: 't', ...functions }),
      written: async () => splunk.events.map(({ event }) => JSON.stringify(event)),
    },
    files: {
      functions: ['document', 'file', 'prefix'],
      factoryOf: (functions) => filesSink({ name: 's', directory, file: () => 'a', ...functions }),
      written: async () => {
        const names = await readdir(directory)
        const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
        return texts.flatMap((text) => text.split('\n'))
      },
    },
    'a batching sink of one’s own': {
      functions: ['write'],
      factoryOf: (functions) => batchingSinkFactory({ name: 's' }, new OwnTarget(own, functions.write)),
      written: async () => own,
    },
  }

  describe.each(Object.entries(sinks))('%s', (sinkName, sink) => {
    test.each(hostileValues().map(([name], index) => [name, index] as const))(
      'a document that is %s costs at most itself',
      (name, index) => check(sinkName, name, {}, hostileValues()[index]?.[1]),
    )

    test.each(hostileValues().map(([name], index) => [name, index] as const))(
      'a key that is %s costs at most its document',
      (name, index) => check(sinkName, name, {}, { big: 1n }, { key: hostileValues()[index]?.[1] }),
    )

    test.each([Number.NaN, -1, 1e20, Number.POSITIVE_INFINITY, 8.64e15, 0.5, '5', null, undefined])(
      'a time of %s costs at most its document',
      (timestamp) => check(sinkName, String(timestamp), {}, { bad: true }, { timestamp: timestamp as number }),
    )

    test.each(sink.functions)(
      'whatever %s gives or throws costs at most the document',
      async (option) => {
        for (const [name, value] of hostileValues()) {
          const gives: UserFunction = (record) => (record.offset === hostile ? value : usual(option, record))
          await check(sinkName, name, { [option]: gives }, { bad: true })
          const throws: UserFunction = (record) => {
            if (record.offset === hostile) throw value
            return usual(option, record)
          }
          await check(sinkName, name, { [option]: throws }, { bad: true })
        }
      },
      120_000,
    )
  })

  test('ids and names of any length cost at most the document', async () => {
    for (const length of [0, 1, 254, 255, 256, 511, 512, 513, 70_000]) {
      for (const letter of ['a', 'é', '\n', '"', '\\', '/', '\0', '*', 'A', '_']) {
        const text = letter.repeat(length)
        for (const [sinkName, { functions }] of Object.entries(sinks)) {
          for (const option of functions.filter((name) => name !== 'write')) {
            const gives: UserFunction = (record) => (record.offset === hostile ? text : usual(option, record))
            await check(sinkName, `${length} of ${letter}`, { [option]: gives }, { bad: true })
          }
        }
      }
    }
  }, 240_000)

  let number = 0

  /** One hostile document among good ones: those are written, it is written or rejected once, and nothing throws. */
  async function check(
    sinkName: string,
    name: string,
    functions: Readonly<Record<string, UserFunction>>,
    value: unknown,
    more: Partial<SinkRecord> = {},
  ): Promise<void> {
    cases++
    const marker = `good-${number++}-`
    const target = sinks[sinkName] as HostileSink
    const rejections: SinkRejection[] = []
    const sink = target.factoryOf(functions).create('0_0')
    const letters = letterWriter()
    await sink.open({
      reject: (rejection) => {
        rejections.push(rejection)
        letters(rejection)
      },
    })
    for (const offset of [0, hostile, 2, 3]) {
      const document = offset === hostile ? value : { marker: `${marker}${offset}` }
      sink.add({ ...place(offset, `in-${number}`), value: document, ...(offset === hostile ? more : {}) })
    }
    await flushAtLast(sink)
    await sink.close()
    const written = await target.written()
    const good = goodOffsets.filter((offset) => written.some((text) => text.includes(`"${marker}${offset}"`)))
    expect([name, good]).toEqual([name, goodOffsets])
    const rejected = rejections.map(({ record }) => record.offset)
    expect([name, rejected.length <= 1, rejected.every((offset) => offset === hostile)]).toEqual([name, true, true])
    await clearWritten()
  }

  /** What checks before wrote is not read again by each one after them. */
  async function clearWritten(): Promise<void> {
    for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true })
    elastic.indices.clear()
    splunk.events.length = 0
    own.length = 0
  }
})

/** What the function would give for any document. */
function usual(option: string, record: SinkRecord): unknown {
  if (option === 'documentId') return `id-${record.topic}-${record.offset}`
  if (option === 'prefix') return ''
  if (option === 'index') return 'logs'
  if (option === 'host') return 'h1'
  if (option === 'file') return 'a'
  return record.value
}

/** Documents as the user's function gives them. */
class OwnBatch implements SinkBatch {
  readonly texts: string[] = []
  bytes = 0
  readonly #write: UserFunction

  constructor(write: UserFunction) {
    this.#write = write
  }

  get records(): number {
    return this.texts.length
  }

  add(record: SinkRecord): boolean {
    const text = JSON.stringify(this.#write(record))
    this.bytes += text.length
    this.texts.push(text)
    return true
  }

  release(): void {}
}

class OwnTarget implements BatchTarget<OwnBatch> {
  readonly #held: string[]
  readonly #write: UserFunction

  constructor(held: string[], write: UserFunction = ({ value }) => value) {
    this.#held = held
    this.#write = write
  }

  async open(): Promise<void> {}

  newBatch(): OwnBatch {
    return new OwnBatch(this.#write)
  }

  async write(batch: OwnBatch): Promise<typeof allWritten> {
    this.#held.push(...batch.texts)
    return allWritten
  }

  async close(): Promise<void> {}
}

/** Dead letters as the runtime makes them, to a topic that takes none larger than a megabyte. */
function letterWriter(): (rejection: SinkRejection) => void {
  const counters = newCounters()
  const clock = new ManualClock()
  const send: Producer['send'] = (_topic, _partition, key, value) => {
    if ((key?.length ?? 0) + (value?.length ?? 0) < 1_000_000) return
    throw new MillraceError('RECORD_TOO_LARGE', 'record', 'too large')
  }
  const producer = { partitionCount: () => 1, send } as unknown as Producer
  const collector = new RecordCollector(producer, 0, new Map(), counters, clock)
  const drops = new DropLog(counters, clock, silentLogger)
  const settings = { applicationId: 'app', deadLetterTopic: 'letters' }
  return rejectInto({ settings, topology: { hash: () => '' }, taskId: '0_0', sinkName: 's', collector, drops })
}

function place(offset: number, topic: string): SinkRecord {
  const timestamp = 1_700_000_000_000
  return { topic, partition: 0, offset, sequence: 0, timestamp, key: `k${keyCount}`, value: null, headers: noHeaders }
}
