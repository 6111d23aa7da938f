import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import {
  defineTopology,
  json,
  minutes,
  silentLogger,
  startStreams,
  string,
  tumblingWindows,
  untilWindowCloses,
} from '../../../src/index.ts'
import { Replays } from '../../../src/replay/index.ts'
import { elasticsearchSink, type ElasticsearchSinkOptions } from '../../../src/sinks/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'

const dayMs = 86_400_000
const startMs = Date.UTC(2026, 0, 1)
const records = 300

/** Each event as a document, and the counts of closed windows. */
const topology = defineTopology('events', (builder) => {
  const events = builder.stream('events', { key: string(), value: json<{ text: string }>() })
  events.toSink('search')
  const windows = tumblingWindows({ sizeMs: minutes(60), graceMs: 0 })
  const counts = events.groupByKey().windowedBy(windows).count({ store: 'counts' }).suppress(untilWindowCloses())
  counts
    .toStream(({ key, window }) => `${key}/${window.startMs}`)
    .mapValues((count) => ({ count }))
    .toSink('search')
})

requireServer('opensearch').describe('two replays into a search server', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let api: SearchApi
  let prefix: string
  let memory: MemoryKafka

  beforeAll(async () => {
    server = await sharedSearchServer()
    api = new SearchApi(server.url)
  }, 180_000)
  afterAll(() => server?.stop())

  beforeEach(() => {
    prefix = `replayed-${randomUUID()}`
    memory = new MemoryKafka({ topics: { events: 2 } })
    const events = memory.topic('events', { key: string(), value: json<{ text: string }>() })
    for (let index = 0; index < records; index++) {
      const timestamp = startMs + Math.floor((index * 3 * dayMs) / records)
      events.write(`k${index % 4}`, { text: `event ${index}` }, { timestamp })
    }
  })
  afterEach(async () => {
    await api.request('DELETE', `/*${prefix}*`)
  })

  function configOf(options: Partial<ElasticsearchSinkOptions>) {
    const sink = elasticsearchSink({
      name: 'search',
      node: server.url,
      index: `${prefix}-YYYY.MM.DD`,
      batch: { maxAgeMs: 50 },
      ...options,
    })
    const common = { applicationId: 'events', kafka: memory.connection, logger: silentLogger, sinks: [sink] }
    return { ...common, commitIntervalMs: 100, producerLingerMs: 0 }
  }

  async function runLive(config: ReturnType<typeof configOf>): Promise<void> {
    const streams = await startStreams(config, topology)
    await memory.until(() => memory.uncommitted('events', 'events') === 0, 60_000)
    await streams.close()
  }

  async function replay(config: ReturnType<typeof configOf>, id: string): Promise<void> {
    const replays = await Replays.open(config, topology)
    await replays.plan({ id })
    await replays.run(id)
    await replays.close()
  }

  test('leave the same documents under the same ids, in the indices of three days', async () => {
    const config = configOf({})
    await runLive(config)
    const before = await api.documents(`${prefix}-*`)
    await replay(config, 'r1')
    await replay(config, 'r2')
    const after = await api.documents(`${prefix}-*`)
    expect(before.length).toBeGreaterThan(records)
    expect(after.map(({ id, index }) => `${index}/${id}`).sort()).toEqual(
      before.map(({ id, index }) => `${index}/${id}`).sort(),
    )
  }, 120_000)

  test('leave the same document count over a forced rollover of the alias', async () => {
    const alias = `${prefix}-all`
    await api.request('PUT', `/${alias}-000001`, { aliases: { [alias]: { is_write_index: true } } })
    const config = configOf({ index: alias, acceptsRollover: true })
    await runLive(config)
    const before = await api.count(alias)
    await replay(config, 'r1')
    await api.request('POST', `/${alias}/_rollover`)
    await replay(config, 'r2')
    expect(await api.count(alias)).toBe(before)
    expect([await api.count(`replay-r1-${alias}`), await api.count(`replay-r2-${alias}`)]).toEqual([before, before])
  }, 120_000)
})
