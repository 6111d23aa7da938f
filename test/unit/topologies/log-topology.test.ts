import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { kindTopology, type WorkerKind } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { rule } from '../../../src/alerts/index.ts'
import { bytes, json, string } from '../../../src/index.ts'
import { pipeline, type StepDefinition } from '../../../src/pipelines/index.ts'
import { type TestInputTopic, TopologyTestDriver } from '../../../src/testing/index.ts'
import type { EnrichedLog } from '../../../topologies/enriched-log.ts'
import type { RateReport } from '../../../topologies/error-rate.ts'
import { defaultInputPolicy, type RefusableFault, type TimeRange } from '../../../topologies/input-policy.ts'

const nowMs = Date.UTC(2026, 10, 24, 8)
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

interface Fleet {
  readonly driver: TopologyTestDriver
  readonly input: TestInputTopic<string, Uint8Array>
  pipe(log: Record<string, unknown> | string, atMs?: number): void
  documents(): readonly Record<string, unknown>[]
  deadLetterCodes(): readonly string[]
}

function start(
  kind: WorkerKind,
  refuse: readonly RefusableFault[] = [],
  steps: readonly StepDefinition[] = [],
  backfill?: TimeRange,
): Fleet {
  const topology = kindTopology(kind, {
    sinks: ['documents'],
    pipeline: pipeline({ name: kind, steps }),
    policy: { ...defaultInputPolicy, refuse, backfill },
    avro: undefined,
    geo: undefined,
    pace: 'demonstration',
  })
  const driver = new TopologyTestDriver(topology.build(), {
    deserializationHandler: 'continue',
    processingHandler: 'continue',
    deadLetterTopic: topics.deadLetters.name,
  })
  drivers.push(driver)
  const input = driver.createInputTopic(topics[kind].name, { key: string(), value: bytes() })
  return {
    driver,
    input,
    pipe(log, atMs = nowMs) {
      input.pipeInput('key', Buffer.from(typeof log === 'string' ? log : JSON.stringify(log)), atMs)
    },
    documents() {
      // Lines that more could follow wait for it.
      driver.advanceWallClock(5000)
      return driver
        .sinkRecords('documents')
        .map(({ value }) => JSON.parse((value as EnrichedLog).toText()) as Record<string, unknown>)
    },
    deadLetterCodes: () =>
      driver
        .producedRecords()
        .filter((record) => record.topic === topics.deadLetters.name)
        .map((record) => {
          const header = record.headers.find(({ key }) => key === '__streams.errors.message')
          return Buffer.from(header?.value ?? []).toString()
        }),
  }
}

function log(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    timestamp: nowMs,
    level: 'info',
    service: 'payments',
    message: 'fine',
    eventId: `${Math.random()}`,
    ...fields,
  }
}

describe('enrichment', () => {
  test('parses, redacts, classes and ranks a structured log and keeps unknown fields', () => {
    const fleet = start('application')
    fleet.pipe(log({ level: 'ERROR', message: 'mail to a@b.co', statusCode: 500, colour: 'red' }))
    expect(fleet.documents()).toEqual([
      expect.objectContaining({
        timestamp: nowMs,
        level: 'error',
        message: 'mail to [redacted:email]',
        dataClass: 'confidential',
        tags: ['error', 'server-error', 'redacted'],
        priority: 75,
        colour: 'red',
      }),
    ])
  })

  test('gives the same document to sinks that take text, bytes and objects', () => {
    const fleet = start('application')
    fleet.pipe(log({ colour: 'röd' }))
    const [value] = fleet.driver.sinkRecords('documents').map((record) => record.value as EnrichedLog)
    const text = value?.toText()
    expect(text).toContain('röd')
    expect([Buffer.from(value?.toBytes() ?? []).toString(), JSON.stringify(value)]).toEqual([text, text])
  })

  test('redacts what an error says, its stack too, and classes the log by it', () => {
    const fleet = start('application')
    fleet.pipe(log({ error: { type: 'Refused', stack: 'at login (password=hunter2)\nat main' } }))
    expect(fleet.documents()).toEqual([
      expect.objectContaining({
        error: { type: 'Refused', stack: 'at login (password=[redacted:secret])\nat main' },
        dataClass: 'restricted',
        tags: ['redacted'],
      }),
    ])
  })

  test('an error of an unknown form is kept', () => {
    const fleet = start('application')
    fleet.pipe(log({ error: { message: ['a', 'b'], stack: 7 } }))
    expect(fleet.documents()).toEqual([expect.objectContaining({ error: { message: ['a', 'b'], stack: 7 } })])
  })

  test('reads plain text', () => {
    const fleet = start('application')
    fleet.pipe('2026-11-24 07:59:59,000 WARN [main] a.b.C: slow')
    expect(fleet.documents()).toEqual([
      expect.objectContaining({
        timestamp: nowMs - 1000,
        level: 'warn',
        service: 'key',
        component: 'a.b.C',
        message: 'slow',
        tags: ['format:log4j-thread'],
      }),
    ])
  })

  test('keeps a cut line whose end never comes, also where its bytes are no text', () => {
    const fleet = start('application')
    fleet.pipe(`2026-11-24T08:00:00.000000000Z stdout P ${'\u0001'.repeat(200)}`)
    expect(fleet.documents()).toMatchObject([{ tags: expect.arrayContaining(['_parse_failure']) }])
  })

  test('joins owner and tier from the service catalog', () => {
    const fleet = start('application')
    const services = fleet.driver.createInputTopic(topics.services.name, { key: string(), value: json() })
    services.pipeInput('payments', { owner: 'team-pay', tier: 'gold' }, nowMs)
    fleet.pipe(log())
    fleet.pipe(log({ owner: 'me', service: 'unknown to the catalog' }))
    expect(fleet.documents()).toEqual([
      expect.objectContaining({ owner: 'team-pay', tier: 'gold' }),
      expect.objectContaining({ owner: 'me' }),
    ])
  })

  test('extends the tags of the log, keeps its priority, and classes it by what was found', () => {
    const fleet = start('application')
    fleet.pipe(log({ tags: ['mine'], priority: 1000, dataClass: 'public', level: 'WARN' }))
    const [document] = fleet.documents()
    expect(document).toEqual(
      expect.objectContaining({ tags: ['mine'], priority: 1000, dataClass: 'internal', level: 'warn' }),
    )
  })

  test('moves windows by the event time, never to a time that is out of range', () => {
    const fleet = start('application')
    fleet.pipe(log({ timestamp: Date.UTC(2100, 0, 1) }))
    fleet.pipe(log())
    expect(fleet.documents().map((document) => document.timestamp)).toEqual([nowMs, nowMs])
    expect(fleet.driver.droppedRecords()).toBe(0)
  })
})

const structured = (fields: Record<string, unknown>): Uint8Array => Buffer.from(JSON.stringify(log(fields)))

describe('what cannot be read at all becomes a dead letter with its bytes and headers, and the topology continues:', () => {
  test.each<readonly [string, Uint8Array | null, string]>([
    ['an Avro frame without a registry', Buffer.from([0, 0, 0, 0, 7, 1]), 'SCHEMA_REGISTRY_URL'],
    ['bytes that are no text', Buffer.from('ffd8ffe000104a46494600010101006000600000', 'hex'), 'neither text nor Avro'],
    ['a null value', null, 'has no value'],
  ])('%s', (_, value, reason) => {
    const fleet = start('application')
    const headers = [{ key: 'trace', value: Buffer.from([0, 255, 1]) }]
    fleet.input.pipeInput('key', value, nowMs, headers)
    fleet.pipe(log())
    expect(fleet.deadLetterCodes()).toEqual([expect.stringContaining(reason)])
    const letter = fleet.driver.producedRecords().find((record) => record.topic === topics.deadLetters.name)
    expect(letter?.value ?? null).toEqual(value)
    expect(letter?.headers).toContainEqual(headers[0])
    expect(fleet.documents()).toHaveLength(1)
  })

  test.each<readonly [RefusableFault, string | null, Uint8Array, string]>([
    ['null-key', null, structured({}), 'has no key'],
    ['no-timestamp', 'key', structured({ timestamp: null }), 'no timestamp'],
    ['timestamp-range', 'key', structured({ timestamp: Date.UTC(2100, 0, 1) }), '2100-01-01'],
  ])('%s, where a setting refuses it', (fault, key, value, reason) => {
    const fleet = start('application', [fault])
    fleet.input.pipeInput(key, value, nowMs)
    expect(fleet.deadLetterCodes()).toEqual([expect.stringContaining(reason)])
  })
})

test.each([
  ['a line that is held', '2026-11-24T08:55:00Z ERROR shop: no stock'],
  ['a log in the own shape', log({ timestamp: nowMs + 55 * 60_000 })],
])("%s is not refused where Kafka's time is ahead as well: its host's clock is wrong", (_, value) => {
  const fleet = start('application', ['timestamp-range'])
  fleet.driver.advanceWallClock(nowMs)
  for (const host of ['a', 'b', 'c']) fleet.pipe(log({ host }))
  fleet.pipe(value, nowMs + 55 * 60_000)
  const [, , , document] = fleet.documents()
  expect(document?.tags).toContain('_time_out_of_range')
  expect(fleet.deadLetterCodes()).toEqual([])
})

describe('nothing is refused because of its shape:', () => {
  const failed = '_parse_failure'
  test.each<readonly [string, Uint8Array | string, Record<string, unknown>]>([
    ['broken JSON', '{"level":"info","message":"cut', { message: '{"level":"info","message":"cut', tags: [failed] }],
    ['latin-1', Buffer.from('café is open', 'latin1'), { message: 'café is open' }],
    ['a field of the wrong type', structured({ userId: 42 }), { userId: '42', tags: [] }],
    ['an object in place of a text', structured({ host: { name: 'h' } }), { attributes: { host: { name: 'h' } } }],
    ['a text in place of an error', structured({ error: 'refused' }), { error: { message: 'refused' } }],
    ['no timestamp', structured({ timestamp: null }), { timestamp: nowMs, timeSource: 'kafka', tags: [failed] }],
    ['two megabytes', structured({ message: 'x'.repeat(2 * 1024 * 1024) }), { tags: [failed, '_truncated'] }],
    ['a number beyond 2^53', '{"id":12345678901234567890123}', {}],
  ])('%s', (_, value, expected) => {
    const fleet = start('application')
    fleet.input.pipeInput('key', typeof value === 'string' ? Buffer.from(value) : value, nowMs)
    expect(fleet.deadLetterCodes()).toEqual([])
    expect(fleet.documents()).toEqual([expect.objectContaining(expected)])
  })

  test.each([Date.UTC(1993, 5, 1), Date.UTC(2100, 0, 1), nowMs - 8 * 86_400_000, nowMs + 11 * 60_000])(
    "a time that is too far from Kafka's is kept and tagged, and Kafka's is used: %d",
    (timestamp) => {
      const fleet = start('application')
      fleet.pipe(log({ timestamp }))
      const expected = { timestamp: nowMs, originalTimestamp: timestamp, tags: ['_time_out_of_range'] }
      expect(fleet.documents()).toEqual([expect.objectContaining(expected)])
    },
  )

  test('a record without a key is read', () => {
    const fleet = start('application')
    fleet.input.pipeInput(null, structured({}), nowMs)
    expect(fleet.documents()).toHaveLength(1)
  })

  test('the line as it came is kept, without its secrets', () => {
    const fleet = start('application')
    fleet.pipe('2026-11-24 07:59:59,000 WARN [main] a.b.C: password=hunter2')
    expect(fleet.documents()).toEqual([
      expect.objectContaining({
        event: { original: '2026-11-24 07:59:59,000 WARN [main] a.b.C: password=[redacted:secret]' },
      }),
    ])
  })
})

describe('a pipeline with steps', () => {
  const steps: readonly StepDefinition[] = [
    { drop: {}, when: "message contains 'health'" },
    { mutate: { set: { team: 'of %{service}' } } },
  ]

  test('gets every log, also those in the own shape', () => {
    const fleet = start('application', [], steps)
    fleet.pipe(log())
    expect(fleet.documents()).toEqual([expect.objectContaining({ team: 'of payments', message: 'fine' })])
  })

  test('counts what its steps remove, by step and source', () => {
    const fleet = start('application', [], steps)
    fleet.pipe(log({ message: 'health check' }))
    expect([fleet.documents(), fleet.deadLetterCodes()]).toEqual([[], []])
    expect(fleet.driver.metrics().counters.map(({ name }) => name)).toContain('removed:drop:key')
  })
})

test('a record that holds several objects becomes as many documents', () => {
  const fleet = start('application')
  fleet.pipe(`[${JSON.stringify(log({ message: 'one' }))}, ${JSON.stringify(log({ message: 'two' }))}]`)
  expect(fleet.documents().map(({ message }) => message)).toEqual(['one', 'two'])
})

describe('error rate', () => {
  test('reports each closed window once', () => {
    const fleet = start('application')
    for (const atMs of [0, 1000, 20_000]) {
      const level = atMs === 0 ? 'error' : 'info'
      fleet.pipe(log({ timestamp: nowMs + atMs, level, component: 'db', durationMs: 7 }), nowMs + atMs)
    }
    const reports = fleet.driver.createOutputTopic(topics.rates.name, { key: string(), value: json<RateReport>() })
    expect(reports.readRecordsToList().map((record) => record.value)).toEqual([
      {
        key: 'payments',
        startMs: nowMs,
        endMs: nowMs + 5000,
        total: 2,
        errors: 1,
        durationP95Ms: 7.34,
        worker: 'application',
        levels: { info: 1, error: 1 },
        components: { db: 2 },
        durations: [[7.34, 2]],
      },
    ])
  })
})

describe('the service', () => {
  test.each([
    ['the program of a syslog line', '2026-11-24T08:00:00+00:00 web1 nginx[7]: started', 'nginx'],
    ['the source, never a class', '2026-11-24 08:00:00,000 ERROR [main] a.b.Handler: failed', 'key'],
    ['what the log says', 'level=info service=billing msg=x', 'billing'],
  ])('of a line is %s', (_, line, service) => {
    const fleet = start('application')
    fleet.pipe(line)
    expect(fleet.documents()).toEqual([expect.objectContaining({ service })])
  })
})

test.each(['application', 'audit', 'performance'] as const)(
  'the structure of the %s topology is as recorded',
  (kind) => {
    const options = {
      sinks: ['documents'],
      pipeline: pipeline({ name: kind }),
      policy: defaultInputPolicy,
      avro: undefined,
      geo: undefined,
      rules: [rule({ name: 'errors', kind: 'threshold', window: '1m', fire: '> 1' })],
      pace: 'production',
    } as const
    const recorded = new URL(`./${kind}.topology.txt`, import.meta.url)
    expect(kindTopology(kind, options).build().describe()).toBe(readFileSync(recorded, 'utf8'))
  },
)

test("old logs that are loaded keep their own time, and all others are as far from Kafka's as before", () => {
  const backfill = { fromMs: Date.UTC(2019, 0, 1), toMs: Date.UTC(2020, 0, 1) }
  const fleet = start('application', ['timestamp-range'], [], backfill)
  fleet.pipe(log({ timestamp: Date.UTC(2019, 3, 1) }))
  fleet.pipe('2019-12-31T23:59:59Z ERROR shop: no stock')
  fleet.pipe(log({ timestamp: Date.UTC(1993, 3, 1) }))
  expect(fleet.documents().map(({ timestamp }) => timestamp)).toEqual([
    Date.parse('2019-04-01T00:00:00Z'),
    Date.parse('2019-12-31T23:59:59Z'),
  ])
  expect(fleet.deadLetterCodes()).toHaveLength(1)
})

test.each([
  [{ env: 'prod', team: 7 }, ['env:prod', 'team:7']],
  [7, ['7']],
  [true, ['true']],
  ['mine', ['mine']],
  [null, []],
])('tags of a log are kept in any form: %j', (tags, kept) => {
  const fleet = start('application')
  fleet.pipe(log({ tags }))
  fleet.pipe({ message: 'no service, no time', tags })
  for (const document of fleet.documents()) expect(document.tags).toEqual(expect.arrayContaining(kept))
  expect(fleet.documents()[0]?.tags).toHaveLength(kept.length)
})

test.each(['a\0b\0c', 'bell \x07', 'order\0accepted'])('a short line with control characters is a log: %j', (line) => {
  const fleet = start('application')
  fleet.pipe(line)
  expect(fleet.deadLetterCodes()).toEqual([])
  expect(fleet.documents()).toHaveLength(1)
})
