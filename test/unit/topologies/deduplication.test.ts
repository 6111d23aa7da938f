import { afterEach, describe, expect, test } from '@jest/globals'
import { kindTopology } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { bytes, type Headers, hours, minutes, seconds, string } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { type DedupeOptions, defaultDedupe } from '../../../topologies/deduplication/dedupe.ts'
import type { EnrichedLog } from '../../../topologies/enriched-log.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'

const nowMs = Date.UTC(2026, 10, 24, 8)
const duplicatesTopic = 'fleet-duplicates'
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

class Fleet {
  readonly driver: TopologyTestDriver

  constructor(dedupe: Partial<DedupeOptions> = {}) {
    const topology = kindTopology('application', {
      sinks: ['documents'],
      pipeline: pipeline({ name: 'application', steps: [] }),
      policy: defaultInputPolicy,
      dedupe: { ...defaultDedupe, topic: duplicatesTopic, ...dedupe },
      avro: undefined,
      geo: undefined,
      pace: 'production',
    })
    this.driver = new TopologyTestDriver(topology.build(), { startMs: nowMs + hours(3) })
    drivers.push(this.driver)
  }

  /** `afterMs`: when Kafka receives it, after 08:00. */
  pipe(log: string | Record<string, unknown>, afterMs = 0, key: string | null = 'web-1', headers: Headers = []): void {
    const input = this.driver.createInputTopic(topics.application.name, { key: string(), value: bytes() })
    const text = typeof log === 'string' ? log : JSON.stringify(log)
    input.pipeInput(key, Buffer.from(text), nowMs + afterMs, headers)
  }

  documents(): readonly Record<string, unknown>[] {
    // Lines that more could follow wait for it.
    this.driver.advanceWallClock(5000)
    const records = this.driver.sinkRecords('documents')
    return records.map(({ value }) => JSON.parse((value as EnrichedLog).toText()) as Record<string, unknown>)
  }

  removed(): Readonly<Record<string, number>> {
    const { counters } = this.driver.metrics()
    const removed = counters.filter(({ name }) => name.startsWith('removed:'))
    return Object.fromEntries(removed.map(({ name, value }) => [name, value]))
  }
}

function log(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { timestamp: nowMs, level: 'info', service: 'payments', message: 'fine', ...fields }
}

/** Lines of one second. */
const connection = 'Nov 24 07:59:59 web1 sshd[71]: Connection closed by 192.0.2.7 port 51022 [preauth]'
const packet = '2026-11-24 07:59:59,120 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block terminating'

const uuid = '0b8f9d6e-3c1a-4c55-9e0a-7d2f1b6a4e90'
const uniqueIds = [
  ['UUID', uuid],
  ['UUID with a prefix', `evt_${uuid}`],
  ['ULID', '01JDF3Z8K4Q9W2R7T6Y5H0M1N3'],
  ['hash', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['long number', '1313118049204932608'],
]

describe('by default', () => {
  test('drops an event that was seen, by its id', () => {
    const fleet = new Fleet()
    for (const eventId of ['a', 'a', 'b']) fleet.pipe(log({ eventId }))
    expect(fleet.documents().map(({ eventId }) => eventId)).toEqual(['a', 'b'])
  })

  test.each(uniqueIds)('drops an event by a unique id alone, whatever else it says: %s', (_, eventId) => {
    const fleet = new Fleet()
    for (const attempt of [1, 2]) fleet.pipe(log({ eventId, attempt }))
    expect(fleet.documents()).toHaveLength(1)
  })

  test.each(['LOGIN_FAILED', '4625', 'e7', 'Microsoft-Windows-Security-4625', 'UserPaymentDeclinedByBank2'])(
    'keeps two events that say different things under the name of their kind: %s',
    (eventId) => {
      const fleet = new Fleet()
      for (const user of ['ann', 'bob', 'ann']) fleet.pipe(log({ eventId, user }))
      expect(fleet.documents().map(({ user }) => user)).toEqual(['ann', 'bob'])
    },
  )

  test('keeps two events without a time under the name of their kind, although they say the same', () => {
    const fleet = new Fleet()
    for (let count = 0; count < 2; count++) fleet.pipe({ eventId: 'job-7a', message: 'login failed' })
    expect(fleet.documents()).toHaveLength(2)
  })

  test('of the same service only', () => {
    const fleet = new Fleet()
    for (const service of ['a', 'b', 'a']) fleet.pipe(log({ eventId: uuid, service }))
    expect(fleet.documents().map(({ service }) => service)).toEqual(['a', 'b'])
  })

  test('two logs without an id that say the same are two events', () => {
    const fleet = new Fleet()
    for (let count = 0; count < 2; count++) fleet.pipe(log({ eventId: null }))
    expect(fleet.documents()).toHaveLength(2)
  })

  test('drops no line of usual logs, however often one says the same in the same second', () => {
    const fleet = new Fleet()
    const lines = [
      connection,
      packet,
      '[Tue Nov 24 07:59:59 2026] [notice] workerEnv.init() ok /etc/httpd/conf/workers2.properties',
      '- 1795507199 2026.11.24 node7 generating core.2275',
      'level=info msg="slot is free" service=cache',
    ]
    for (let count = 0; count < 40; count++) for (const line of lines) fleet.pipe(line)
    expect(fleet.documents()).toHaveLength(200)
    expect(fleet.removed()).toEqual({})
  })

  test('forgets an id that was not seen for its time', () => {
    const fleet = new Fleet({ ttlMs: minutes(5) })
    for (const afterMs of [0, 1000, 302_000]) fleet.pipe(log({ eventId: uuid, timestamp: nowMs + afterMs }), afterMs)
    expect(fleet.documents().map(({ timestamp }) => timestamp)).toEqual([nowMs, nowMs + 302_000])
  })
})

test('none: an event that was seen is another one', () => {
  const fleet = new Fleet({ by: 'none' })
  for (let count = 0; count < 2; count++) fleet.pipe(log({ eventId: 'a' }))
  expect(fleet.documents()).toHaveLength(2)
})

describe('by content', () => {
  const again = seconds(30)

  test.each([connection, packet])(
    'keeps what happened three times, and drops its redelivery three times: %s',
    (line) => {
      const fleet = new Fleet({ by: 'content' })
      for (let count = 0; count < 3; count++) fleet.pipe(line)
      expect(fleet.documents()).toHaveLength(3)
      for (let count = 0; count < 3; count++) fleet.pipe(line, again + count)
      expect(fleet.documents()).toHaveLength(3)
      expect(fleet.removed()).toEqual({ 'removed:dedupe:content of web-1': 3 })
    },
  )

  test('keeps what a second delivery has more of', () => {
    const fleet = new Fleet({ by: 'content' })
    for (const afterMs of [0, 1, again, again + 1, again + 2]) fleet.pipe(connection, afterMs)
    expect(fleet.documents()).toHaveLength(3)
  })

  test("drops a batch that comes again with Kafka's old times, as a mirror sends it", () => {
    const fleet = new Fleet({ by: 'content' })
    for (let delivery = 0; delivery < 2; delivery++) {
      fleet.pipe(connection)
      fleet.pipe(connection)
      fleet.pipe(log({ eventId: 'of a later time', timestamp: nowMs + again }), again)
    }
    expect(fleet.documents()).toHaveLength(3)
  })

  test('logs of two sources that say the same are two events', () => {
    const fleet = new Fleet({ by: 'content' })
    fleet.pipe(packet, 0, 'web-1')
    fleet.pipe(packet, again, 'web-2')
    expect(fleet.documents()).toHaveLength(2)
  })

  test('logs that differ in any field are two events', () => {
    const fleet = new Fleet({ by: 'content' })
    fleet.pipe(log({ orderNumber: 1 }))
    fleet.pipe(log({ orderNumber: 2 }), again)
    expect(fleet.documents()).toHaveLength(2)
  })

  test('goes by the id where a log has one', () => {
    const fleet = new Fleet({ by: 'content' })
    for (const [eventId, afterMs] of [
      ['a', 0],
      ['b', again],
      ['a', 1],
    ] as const)
      fleet.pipe(log({ eventId }), afterMs)
    expect(fleet.documents().map(({ eventId }) => eventId)).toEqual(['a', 'b'])
    expect(fleet.removed()).toEqual({ 'removed:dedupe:id of web-1': 1 })
  })

  test('keeps a line without a time that comes again: nothing tells it from a new one', () => {
    const fleet = new Fleet({ by: 'content' })
    for (const afterMs of [0, again]) fleet.pipe('the disk is full', afterMs)
    expect(fleet.documents()).toHaveLength(2)
  })

  test('forgets what was not seen for its time', () => {
    const fleet = new Fleet({ by: 'content', ttlMs: minutes(5) })
    fleet.pipe(packet)
    fleet.pipe(log({ message: 'later', timestamp: nowMs + minutes(11) }), minutes(11))
    fleet.pipe(packet, minutes(12))
    expect(fleet.documents()).toHaveLength(3)
  })

  test('drops a late redelivery of what is remembered', () => {
    const fleet = new Fleet({ by: 'content', ttlMs: hours(1) })
    fleet.pipe(packet)
    fleet.pipe(log({ message: 'later', timestamp: nowMs + minutes(90) }), minutes(90))
    fleet.pipe(packet, minutes(91))
    expect(fleet.documents()).toHaveLength(2)
  })

  test('keeps a log that was a dead letter and is tried again', () => {
    const fleet = new Fleet({ by: 'content' })
    fleet.pipe(packet)
    fleet.pipe(packet, again, 'web-1', [{ key: 'millrace-attempts', value: Buffer.from('1 app') }])
    expect(fleet.documents()).toHaveLength(2)
  })
})

describe('by the place in a file', () => {
  const filebeat = (offset: number, readMs: number): Record<string, unknown> => ({
    '@timestamp': new Date(nowMs + readMs).toISOString(),
    '@metadata': { beat: 'filebeat', type: '_doc', version: '8.11.0' },
    log: { offset, file: { path: '/var/log/app.log', inode: '991' } },
    message: '2026-11-24 08:00:00 INFO app: started',
    host: { name: 'web1' },
    agent: { type: 'filebeat' },
  })
  const vector = (offset: number, readMs: number): Record<string, unknown> => ({
    file: '/var/log/app.log',
    host: 'web1',
    message: '2026-11-24 08:00:00 INFO started',
    offset,
    source_type: 'file',
    timestamp: new Date(nowMs + readMs).toISOString(),
  })

  test.each([
    ['Filebeat', filebeat],
    ['Vector', vector],
  ])('a line that %s reads again is dropped, whenever; equal lines next to it are kept', (_, envelope) => {
    const fleet = new Fleet({ by: 'content' })
    for (const readMs of [0, 10]) for (const offset of [0, 40, 80]) fleet.pipe(envelope(offset, readMs), readMs)
    expect(fleet.documents()).toHaveLength(3)
    expect(fleet.removed()).toEqual({ 'removed:dedupe:position of web-1': 3 })
  })

  test('a field offset alone is no place', () => {
    const fleet = new Fleet({ by: 'content' })
    for (let count = 0; count < 2; count++) fleet.pipe(log({ offset: 7, file: 'a.c' }), count)
    expect(fleet.documents()).toHaveLength(2)
  })
})

describe('errors that are dropped', () => {
  function summaries(fleet: Fleet): readonly Record<string, unknown>[] {
    fleet.driver.advanceWallClock(minutes(1))
    return fleet.documents().filter(({ repeated }) => repeated !== undefined)
  }

  test('are summed up in one document a minute, which is counted nowhere', () => {
    const fleet = new Fleet()
    const error = { eventId: 'a', level: 'error', message: 'no stock', component: 'Cart', host: 'web1' }
    for (let count = 0; count < 4; count++) fleet.pipe(log(error))
    expect(summaries(fleet)).toMatchObject([
      { level: 'error', service: 'payments', component: 'Cart', host: 'web1', message: 'repeated 3 times: no stock' },
    ])
    const [summary] = summaries(fleet)
    expect(summary).toMatchObject({ repeated: 3, tags: ['error', '_repeated'], timestamp: nowMs })
    expect(fleet.driver.metrics().counters).toContainEqual(
      expect.objectContaining({ name: 'log_level:error', value: 4 }),
    )
  })

  test('are summed up again while they continue', () => {
    const fleet = new Fleet()
    const messages = [2, 1].flatMap((count) => {
      for (let each = 0; each <= count; each++) fleet.pipe(log({ eventId: 'a', level: 'critical', message: 'down' }))
      return summaries(fleet).map(({ message }) => message)
    })
    expect(messages.slice(-2)).toEqual(['repeated 2 times: down', 'repeated 2 times: down'])
  })

  test('are summed up together where more than 100 different ones are dropped', () => {
    const fleet = new Fleet()
    for (let number = 1; number <= 103; number++) {
      for (let count = 0; count < 2; count++)
        fleet.pipe(log({ eventId: `${number}`, level: 'error', message: `${number}` }))
    }
    const found = summaries(fleet)
    expect(found).toHaveLength(101)
    expect(found.map(({ message }) => message)).toContain('repeated 3 times, with other errors: 103')
  })

  test('other logs are not summed up', () => {
    const fleet = new Fleet()
    for (let count = 0; count < 2; count++) fleet.pipe(log({ eventId: 'a', level: 'warn' }))
    expect(summaries(fleet)).toEqual([])
  })
})

describe('what is dropped', () => {
  test('is written to the topic as the document that it would be, with its id and what it was recognized by', () => {
    const fleet = new Fleet()
    for (const message of ['one', 'password=hunter2']) fleet.pipe(log({ eventId: uuid, message }), 0, null)
    const [duplicate, ...others] = fleet.driver.producedRecords().filter(({ topic }) => topic === duplicatesTopic)
    const headers = duplicate?.headers.map(({ key, value }) => [key, String(value)])
    expect(others).toEqual([])
    expect(headers).toEqual([
      ['document-id', `${topics.application.name}-0-1`],
      ['duplicate-by', 'id'],
    ])
    expect(JSON.parse(String(duplicate?.value))).toMatchObject({ eventId: uuid, message: 'password=[redacted:secret]' })
  })

  test('is counted by source, without the secrets of its name', () => {
    const fleet = new Fleet()
    for (const key of ['web-1', 'token=hunter2hunter2', null]) {
      for (let count = 0; count < 2; count++) fleet.pipe(log({ eventId: `of ${key}` }), 0, key)
    }
    expect(Object.keys(fleet.removed())).toEqual([
      'removed:dedupe:id of web-1',
      expect.stringContaining('[redacted'),
      'removed:dedupe:id of 0',
    ])
  })

  test('is written nowhere where no topic is named', () => {
    const fleet = new Fleet({ topic: undefined })
    for (let count = 0; count < 2; count++) fleet.pipe(log({ eventId: 'a' }))
    expect(fleet.removed()).toEqual({ 'removed:dedupe:id of web-1': 1 })
    expect(fleet.driver.producedRecords().filter(({ topic }) => topic === duplicatesTopic)).toEqual([])
  })
})
