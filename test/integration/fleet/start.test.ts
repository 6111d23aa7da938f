import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { workerKinds } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { packageRoot } from '../../../scripts/lab/folders.mjs'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { builtProgram } from '../../support/built.ts'
import { HecServer } from '../../support/hec-server.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'
import { FleetProcess, type Line } from './fleet-process.ts'
import { lastTold, ndjson, startFleet, type StartedFleet, viewLine } from './start-process.ts'

const drainMs = 90_000

beforeAll(() => {
  builtProgram('fleet/start')
})

afterEach(() => FleetProcess.endAll())

type Document = Readonly<Record<string, unknown>>

/** What the generator broke has no id that could be read. */
function idOf({ eventId, message }: Document): string {
  return String(eventId ?? message)
}

function expectEachOnce(documents: readonly Document[]): void {
  const generated = documents.filter(({ eventId }) => eventId !== undefined)
  expect(new Set(generated.map(idOf)).size).toBe(generated.length)
  for (const { eventId, tags } of documents) if (eventId === undefined) expect(tags).toContain('_parse_failure')
}

describe('the fleet on its embedded default', () => {
  /** What a start told in its first seconds, and when, had it had the machine to itself. */
  async function firstSeconds({ fleet }: StartedFleet) {
    const life = await fleet.line(/./, 60_000)
    const alert = await fleet.line(/^ALERT /, 120_000)
    await fleet.line(/^00:1\d \| /, 60_000)
    const views = fleet.lines.filter(({ text }) => viewLine.test(text))
    const gaps = views.slice(1).map((line, index) => ({ from: views[index] as Line, to: line }))
    return {
      lifeMs: life.atMs - life.heldUpMs,
      alertMs: alert.atMs - alert.heldUpMs,
      gapMaxMs: Math.max(...gaps.map(({ from, to }) => to.atMs - from.atMs - (to.heldUpMs - from.heldUpMs))),
      gapMinMs: Math.min(...gaps.map(({ from, to }) => to.atMs - from.atMs)),
    }
  }

  test('shows life within 3 s, a line every 5 s and an alert within 30 s', async () => {
    let started = startFleet([])
    let told = await firstSeconds(started)
    const isQuick = (): boolean =>
      told.lifeMs < 3000 && told.alertMs < 30_000 && told.gapMaxMs < 7000 && told.gapMinMs > 4000
    // A machine may stand still in one start; what is slow is slow in all of them.
    for (let starts = 1; starts < 3 && !isQuick(); starts++) {
      await FleetProcess.endAll()
      started = startFleet([])
      told = await firstSeconds(started)
    }
    expect(told.lifeMs).toBeLessThan(3000)
    expect(told.alertMs).toBeLessThan(30_000)
    expect(told.gapMaxMs).toBeLessThan(7000)
    expect(told.gapMinMs).toBeGreaterThan(4000)
  })

  test('drains at SIGTERM with every document in both files', async () => {
    const { fleet, folder } = startFleet([])
    await fleet.line(/^ALERT /, 120_000)
    await fleet.line(/^\d\d:.* duplicates [1-9].* dead letters [1-9].* windows [1-9]/, 120_000)
    fleet.signal('SIGTERM')
    expect(await fleet.exitCode(drainMs)).toBe(0)

    const told = lastTold(fleet)
    expect(told.duplicates).toBeGreaterThan(0)
    expect(told.deadLetters).toBeGreaterThan(0)
    expect(told.windows).toBeGreaterThan(0)
    const files = ndjson(join(folder, '.millrace/output/elasticsearch'))
    for (const name of Object.keys(files)) expect(name).toMatch(/^fastmcp-logs-\d{4}\.\d\d\.\d\d\.ndjson$/)
    const documents = Object.values(files).flat()
    expect(documents).toHaveLength(told.documents)
    expectEachOnce(documents)
    const { 'hec.ndjson': events, ...others } = ndjson(join(folder, '.millrace/output/splunk'))
    expect(others).toEqual({})
    expect(events?.map(({ event }) => idOf(event as Document)).sort()).toEqual(documents.map(idOf).sort())
  })

  test('accounts for every generated record, and drains at SIGINT while it is under load', async () => {
    const { fleet, folder } = startFleet(['--rate', '5000', '--seed', '7', '--output', 'out'])
    await fleet.line(/^00:0[5-9] \| /, 60_000)
    fleet.signal('SIGINT')
    expect(await fleet.exitCode(drainMs)).toBe(0)
    const documents = Object.values(ndjson(join(folder, 'out/elasticsearch'))).flat()
    const told = lastTold(fleet)
    expect(documents).toHaveLength(told.documents)
    expect(fleet.textOf('stderr')).toMatch(/drained$/)
    // The newest id counts all that was generated before it, duplicates and malformed records included.
    const generated = documents.filter(({ eventId }) => eventId !== undefined)
    const newest = Math.max(...generated.map(({ eventId }) => Number(String(eventId).split('-')[1])))
    const accounted = told.documents + told.duplicates + told.deadLetters
    expect(accounted).toBeGreaterThan(newest)
    // Records behind the newest document may be repetitions or malformed.
    expect(accounted).toBeLessThan(newest + 50)
  })

  test('ends by itself after --duration', async () => {
    const { fleet } = startFleet(['--duration', '1', '--no-generate'])
    expect(await fleet.exitCode(60_000)).toBe(0)
    expect(lastTold(fleet).documents).toBe(0)
  })
})

describe('the command line of the fleet', () => {
  test('npm start -- --help explains every option and ends with 0', () => {
    const { status, stdout } = spawnSync('npm', ['start', '--silent', '--', '--help'], {
      cwd: packageRoot(),
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    for (const option of ['--kafka', '--elasticsearch', '--splunk-hec', '--output', '--rate', '--duration'])
      expect(stdout).toContain(option)
  })

  test.each([
    ['a wrong option', ['--kafak', 'x:1'], /^millrace: unknown option '--kafak'/],
    ['an argument too many', ['now'], /^millrace: too many arguments/],
    ['a wrong address', ['--kafka', 'localhost'], /^millrace: option '--kafka <host:port>' argument 'localhost'/],
    ['a wrong rate', ['--rate', 'fast'], /^millrace: option '--rate <records\/s>' argument 'fast'/],
    ['a wrong url', ['--elasticsearch', 'ftp://x'], /^millrace: option '--elasticsearch <url>' argument 'ftp:/],
  ])('%s gives one line and exit code 2', async (_, args, line) => {
    const { fleet } = startFleet(args)
    expect(await fleet.exitCode(60_000)).toBe(2)
    expect(fleet.lines.map(({ text }) => text).filter((text) => !text.startsWith('(Did you mean'))).toEqual([
      expect.stringMatching(line),
    ])
  })
})

/** What standard error says besides how it starts. */
function refusals(fleet: FleetProcess): readonly string[] {
  return fleet
    .textOf('stderr')
    .split('\n')
    .filter((line) => !/^millrace: (starting the fleet|files go to)/.test(line))
}

requireServer('kafka').describe('the fleet on real servers', () => {
  let kafka: KafkaCluster

  beforeAll(async () => {
    kafka = await startKafka()
  })

  afterAll(() => kafka.stop())

  test('an unreachable Kafka gives one line and exit code 2 within 15 s of its first sign of life', async () => {
    const [port] = await freePorts(1)
    const { fleet } = startFleet(['--kafka', `127.0.0.1:${port}`])
    await fleet.line(/./, 60_000)
    expect(await fleet.exitCode(15_000)).toBe(2)
    expect(refusals(fleet)).toEqual([
      expect.stringMatching(new RegExp(`^millrace: Kafka at 127.0.0.1:${port} cannot be reached: .+`)),
    ])
  })

  test.each([
    ['Elasticsearch', '--elasticsearch'],
    ['Splunk HEC', '--splunk-hec'],
  ])('an unreachable %s gives one line and exit code 2 within 15 s of its first sign of life', async (name, option) => {
    const [port] = await freePorts(1)
    const { fleet } = startFleet([option, `http://127.0.0.1:${port}`], { SPLUNK_HEC_TOKEN: 'token' })
    await fleet.line(/./, 60_000)
    expect(await fleet.exitCode(15_000)).toBe(2)
    expect(refusals(fleet)).toEqual([
      expect.stringMatching(new RegExp(`^millrace: ${name} at http://127.0.0.1:${port} cannot be reached: .+`)),
    ])
  })

  test('a Splunk HEC without its token gives the name of the variable and exit code 2', async () => {
    const { fleet } = startFleet(['--splunk-hec', 'http://127.0.0.1:1'])
    expect(await fleet.exitCode(60_000)).toBe(2)
    expect(refusals(fleet).join('\n')).toContain('SPLUNK_HEC_TOKEN')
    expect(fleet.textOf('stderr')).not.toContain('    at ')
  })

  test('writes every event of a real Kafka to Splunk HEC, once', async () => {
    const hec = new HecServer({ token: 'a-token', indexes: ['fastmcp_logs'] })
    await hec.start()
    const peer = await KafkajsPeer.connect(kafka.bootstrap)
    try {
      const { fleet } = startFleet(['--kafka', kafka.bootstrap, '--splunk-hec', hec.url], {
        SPLUNK_HEC_TOKEN: 'a-token',
        KAFKA_GROUP_PREFIX: 'start-hec',
      })
      await fleet.line(/^\d\d:.* documents [1-9]\d{3,} .* duplicates [1-9]/, 120_000)
      fleet.signal('SIGTERM')
      expect(await fleet.exitCode(drainMs)).toBe(0)
      const { documents } = lastTold(fleet)
      expect(documents).toBeGreaterThan(1000)
      expect(hec.events).toHaveLength(documents)
      // Committed is accounted for; what came too late to be taken stays in Kafka for the next start.
      const committed = workerKinds.map(async (kind) => {
        const { name } = topics[kind]
        return (await peer.count(name)) - (await peer.lag(`start-hec-${kind}`, name))
      })
      const sum = (await Promise.all(committed)).reduce((total, count) => total + count, 0)
      const told = lastTold(fleet)
      expect(told.duplicates).toBeGreaterThan(0)
      expect(told.documents + told.deadLetters + told.duplicates).toBe(sum)
      type Log = { readonly hostname?: string; readonly timestamp: number }
      const { event, ...envelope } = hec.events.find((one) => (one.event as Log).hostname !== undefined) ?? {
        event: {},
      }
      const { hostname, timestamp } = event as Log
      expect(envelope).toEqual({
        fields: { event_id: expect.stringMatching(/^fastmcp-(application|audit|performance)-logs-\d+-\d+$/) },
        index: 'fastmcp_logs',
        sourcetype: 'fastmcp:json',
        source: 'fastmcp-server',
        host: hostname,
        time: timestamp / 1000,
      })
    } finally {
      await peer.close()
      await hec.stop()
    }
  })

  requireServer('opensearch').describe('and a search server', () => {
    let search: Awaited<ReturnType<typeof sharedSearchServer>>

    beforeAll(async () => {
      search = await sharedSearchServer()
    })

    afterAll(() => search.stop())

    test('writes every document to its daily index, under the id of its record', async () => {
      const prefix = `start-${process.pid}-${Date.now()}`
      const { fleet, folder } = startFleet(
        ['--kafka', kafka.bootstrap, '--elasticsearch', search.url, '--rate', '200', '--output', 'out'],
        {
          ELASTICSEARCH_INDEX_PREFIX: prefix,
          ELASTICSEARCH_SHARDS: '1',
          ELASTICSEARCH_REPLICAS: '0',
          KAFKA_GROUP_PREFIX: 'start-search',
        },
      )
      await fleet.line(/^\d\d:.* documents [1-9]\d\d/, 120_000)
      fleet.signal('SIGTERM')
      expect(await fleet.exitCode(drainMs)).toBe(0)
      const told = lastTold(fleet)
      const found = await new SearchApi(search.url).documents(`${prefix}-*`)
      expect(found).toHaveLength(told.documents)
      for (const { id, index } of found) {
        expect(id).toMatch(/^fastmcp-(application|audit|performance)-logs-\d+-\d+$/)
        expect(index).toMatch(new RegExp(`^${prefix}-\\d{4}\\.\\d\\d\\.\\d\\d$`))
      }
      const files = Object.values(ndjson(join(folder, 'out/elasticsearch'))).flat()
      expect(files.map(({ eventId }) => eventId).sort()).toEqual(found.map(({ source }) => source.eventId).sort())
    })
  })
})
