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
      document: ({ value, timestamp }) => ({ ...(value as object), '@timestamp': new Date(timestamp).toISOString() }),
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

  test('leave the same document count over a forced rollover of the index that they write to', async () => {
    const config = configOf({})
    await runLive(config)
    const before = await api.count(`${prefix}-*`)
    const [last] = (await api.documents(`${prefix}-*`))
      .map(({ index }) => index)
      .sort()
      .reverse()
    const alias = `${prefix}-all`
    const add = { index: last, alias, is_write_index: true }
    await api.request('POST', '/_aliases', { actions: [{ add }] })
    await replay(config, 'r1')
    const rollover = await api.request('POST', `/${alias}/_rollover/${prefix}-000002`)
    expect(rollover.status).toBe(200)
    await replay(config, 'r2')
    expect(await api.count(`${prefix}-*`)).toBe(before)
  }, 120_000)

  test('leave the same document count over a forced rollover of the alias, each put in place', async () => {
    const { alias, config, before } = await liveBehindAlias()
    const replays = await Replays.open(config, topology)
    for (const id of ['r1', 'r2']) {
      await replays.plan({ id })
      await replays.run(id)
      expect(await replays.cutOver(id)).toEqual([])
      await api.request('POST', `/${alias}/_rollover`)
    }
    const inPlace = await api.documents(alias)
    await replays.close()
    expect(inPlace).toHaveLength(before.length)
    expect(new Set(inPlace.map(({ index }) => index))).toEqual(new Set([`replay-events-r2-${alias}`]))
  }, 120_000)

  test('of a range come in place of the live documents of that range, and are taken back', async () => {
    const { alias, config, before } = await liveBehindAlias()
    const replays = await Replays.open(config, topology)
    await replays.plan({ id: 'r1', fromMs: startMs + dayMs, toMs: startMs + 2 * dayMs })
    await replays.run('r1')
    await replays.cutOver('r1')
    const inPlace = await api.documents(alias)
    await replays.revert('r1')
    const takenBack = await api.documents(alias)
    await replays.close()
    expect(texts(inPlace)).toEqual(texts(before))
    const ofReplay = inPlace.filter(({ index }) => index === `replay-events-r1-${alias}`)
    expect(ofReplay.length).toBeGreaterThan(before.length / 4)
    expect(ofReplay.length).toBeLessThan(before.length / 2)
    expect(places(takenBack)).toEqual(places(before))
  }, 120_000)

  test('are put in place once, where a crash leaves the cut-over half done and it is repeated', async () => {
    const { alias, config, before } = await liveBehindAlias()
    const replays = await Replays.open(config, topology)
    await replays.plan({ id: 'r1' })
    await replays.run('r1')
    await replays.cutOver('r1')
    // As a process leaves it that is killed before it notes the new state.
    const control = memory.topic('events-replays', { key: string(), value: json() })
    control.write('state/r1/cut-over', null)
    await replays.cutOver('r1')
    const inPlace = await api.documents(alias)
    await replays.revert('r1')
    const takenBack = await api.documents(alias)
    await replays.close()
    expect(texts(inPlace)).toEqual(texts(before))
    expect(places(takenBack)).toEqual(places(before))
  }, 120_000)

  test('are equal to what the live application wrote, by count and hash', async () => {
    const { config, before } = await liveBehindAlias()
    const replays = await Replays.open(config, topology)
    await replays.plan({ id: 'r1' })
    await replays.run('r1')
    const { isEqual, outputs } = await replays.verify('r1')
    await replays.close()
    const { length } = before
    expect(outputs[0]?.comparison).toMatchObject({
      live: { records: length, repeated: 0 },
      replay: { records: length, repeated: 0 },
      equal: length,
      onlyLive: 0,
      onlyReplay: 0,
    })
    expect(isEqual).toBe(true)
  }, 120_000)

  test('differ from what the live application wrote where a document is missing or was changed', async () => {
    const { alias, config, before } = await liveBehindAlias()
    const [missing, changed] = before.filter(({ source }) => 'text' in source)
    await api.request('DELETE', `/${missing?.index}/_doc/${missing?.id}`)
    await api.request('PUT', `/${changed?.index}/_doc/${changed?.id}`, { ...changed?.source, text: 'by hand' })
    const replays = await Replays.open(config, topology)
    await replays.plan({ id: 'r1' })
    await replays.run('r1')
    const { isEqual, outputs } = await replays.verify('r1')
    await replays.close()
    expect(isEqual).toBe(false)
    expect(outputs[0]?.comparison).toMatchObject({ onlyLive: 1, onlyReplay: 2 })
    const samples = outputs[0]?.comparison?.samples ?? []
    expect(samples.map(({ value }) => JSON.parse(value ?? '').text)).toContain('by hand')
    expect(samples.map(({ place }) => place)).toContain(`${alias}-000001/${changed?.id}`)
  }, 120_000)

  test('cannot be put in place where documents have no time', async () => {
    const { config } = await liveBehindAlias({ timeField: 'other' })
    const replays = await Replays.open(config, topology)
    await replays.plan({ id: 'r1' })
    await replays.run('r1')
    await expect(replays.cutOver('r1')).rejects.toThrow('have no field other')
    const { state } = await replays.status('r1')
    await replays.close()
    expect(state).toBe('done')
  }, 120_000)

  /** The live application has written to the first index of an alias with rollover. */
  async function liveBehindAlias(options: Partial<ElasticsearchSinkOptions> = {}) {
    const alias = `${prefix}-all`
    await api.request('PUT', `/${alias}-000001`, { aliases: { [alias]: { is_write_index: true } } })
    const config = configOf({ index: alias, acceptsRollover: true, ...options })
    await runLive(config)
    return { alias, config, before: await api.documents(alias) }
  }
})

interface Stored {
  readonly id: string
  readonly index: string
  readonly source: Record<string, unknown>
}

function texts(documents: readonly Stored[]): readonly string[] {
  return documents.map(({ source }) => JSON.stringify(source)).sort()
}

function places(documents: readonly Stored[]): readonly string[] {
  return documents.map(({ index, id }) => `${index}/${id}`).sort()
}
