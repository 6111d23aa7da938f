import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { json, openKafka, silentLogger, startStreams, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { startWorker } from '../../../src/worker/index.ts'
import { type CommandLine, type CommandResult, commandLine } from '../../support/command-line.ts'
import { readText, tableRows } from '../../docs/markdown.ts'
import { until } from '../../support/until.ts'
import evolving, { evolvingTopology, type Shape } from '../../support/evolving.ts'

const module = 'test/support/evolving.ts'
let folder: string
let memory: MemoryKafka

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-diff-'))
  memory = new MemoryKafka({ topics: { views: 2, clicks: 2, 'view-counts': 1, totals: 1, latest: 1 } })
  const views = memory.topic('views', { key: string(), value: json<{ page: string }>() })
  for (const [index, user] of ['ann', 'bob', 'cid', 'dan'].entries())
    views.write(user, { page: `/${index}` }, { timestamp: 60_000 * (index + 1) })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const millrace = (shape: Shape, environment: Readonly<Record<string, string>> = {}): CommandLine =>
  commandLine({ kafka: memory.connection, environment: { SHAPE: shape, STATE_DIRECTORY: folder, ...environment } })

/** The version has read all of its input and ended. */
async function ran(shape: Shape): Promise<void> {
  const options = { applicationId: 'evolving', commitIntervalMs: 20, offsetReset: 'earliest' } as const
  const kafka = memory.connection
  const streams = await startStreams({ ...options, logger: silentLogger, kafka }, evolvingTopology(shape))
  await committed(['views', ...(shape === 'generated' ? [] : ['evolving-by-page-repartition'])])
  await streams.close()
}

/** The group has read all of these topics. What it reads is known from its offsets. */
async function committed(topics: readonly string[]): Promise<void> {
  await memory.until(() => topics.every((topic) => memory.uncommitted('evolving', topic) === 0))
}

interface Diff {
  readonly losesState: boolean
  readonly rolls: boolean
  readonly state: readonly {
    readonly change: string
    readonly of: string
    readonly name: string
    readonly reason?: string
  }[]
  readonly inputs: readonly { readonly change: string; readonly topic: string }[]
  readonly plan: readonly string[]
}
const diffOf = ({ out }: CommandResult) => JSON.parse(out) as Diff
const storesOf = (result: CommandResult) =>
  diffOf(result).state.flatMap(({ change, of, name }) => (of === 'store' ? [`${change} ${name}`] : []))

interface Row {
  readonly name: string
  readonly before: Shape
  readonly after: Shape
  readonly stores: readonly string[]
  readonly verdict: 'rolls' | 'stop first' | 'loses state'
}
const rows: readonly Row[] = [
  {
    name: 'an operator without a store is added or removed',
    before: 'base',
    after: 'filtered',
    stores: ['kept counts'],
    verdict: 'rolls',
  },
  {
    name: 'the name of an output topic changes',
    before: 'base',
    after: 'otherOutput',
    stores: ['kept counts'],
    verdict: 'rolls',
  },
  {
    name: 'caching of a store is turned on or off',
    before: 'base',
    after: 'uncached',
    stores: ['kept counts'],
    verdict: 'rolls',
  },
  {
    name: 'grace or retention of windows grows',
    before: 'windowed',
    after: 'longerGrace',
    stores: ['kept counts'],
    verdict: 'rolls',
  },
  {
    name: 'an operator with a store is added',
    before: 'base',
    after: 'twoStores',
    stores: ['kept counts', 'new latest'],
    verdict: 'stop first',
  },
  {
    name: 'an input topic is added',
    before: 'base',
    after: 'twoInputs',
    stores: ['kept counts'],
    verdict: 'stop first',
  },
  {
    name: 'a repartition topic has another name, and all of it is read',
    before: 'base',
    after: 'otherRepartition',
    stores: ['kept counts'],
    verdict: 'stop first',
  },
  {
    name: 'a store has another name',
    before: 'base',
    after: 'renamed',
    stores: ['renamed totals'],
    verdict: 'loses state',
  },
  {
    name: 'an operator is added before a store without a name',
    before: 'generated',
    after: 'generatedFiltered',
    stores: ['renamed KSTREAM-AGGREGATE-STATE-STORE-0000000002'],
    verdict: 'loses state',
  },
  {
    name: 'an operator with a store is removed',
    before: 'twoStores',
    after: 'base',
    stores: ['kept counts', 'lost latest'],
    verdict: 'loses state',
  },
  {
    name: 'the values of a store have another serde',
    before: 'base',
    after: 'otherValues',
    stores: ['incompatible counts'],
    verdict: 'loses state',
  },
  {
    name: 'the keys of a store have another serde',
    before: 'base',
    after: 'otherKeys',
    stores: ['incompatible counts'],
    verdict: 'loses state',
  },
  {
    name: 'a store becomes windowed',
    before: 'base',
    after: 'windowed',
    stores: ['incompatible counts'],
    verdict: 'loses state',
  },
]
const verdictOf = ({ losesState, rolls }: Diff) => (losesState ? 'loses state' : rolls ? 'rolls' : 'stop first')

describe('millrace diff', () => {
  test.each(rows)('against the group: $name', async ({ before, after, stores, verdict }) => {
    await ran(before)
    const result = await millrace(after).run('diff', module, '--json')
    expect([storesOf(result), verdictOf(diffOf(result)), result.exitCode]).toEqual([
      stores,
      verdict,
      verdict === 'loses state' ? 1 : 0,
    ])
  })

  test.each(rows)('against a saved topology: $name', async ({ before, after, stores }) => {
    const saved = join(folder, 'saved.json')
    writeFileSync(saved, (await millrace(before).run('describe', module, '--json')).out)
    expect(storesOf(await millrace(after).run('diff', module, '--against', saved, '--json'))).toEqual(stores)
  })

  test('against a saved topology: windows have another size', async () => {
    const saved = join(folder, 'saved.json')
    writeFileSync(saved, (await millrace('windowed').run('describe', module, '--json')).out)
    const result = await millrace('longerWindows').run('diff', module, '--against', saved)
    expect([result.exitCode, result.out]).toEqual([
      1,
      expect.stringContaining('its window size was 60000 and is 120000'),
    ])
  })

  test('a group that never ran gets everything new, and nothing to do', async () => {
    const result = await millrace('base').run('diff', module, '--json')
    expect([result.exitCode, storesOf(result), diffOf(result).plan]).toEqual([0, ['new counts'], []])
  })

  test('the number of partitions of an input topic grew', async () => {
    await ran('base')
    const kafka = openKafka(memory.connection)
    await kafka.admin().createPartitions('views', 4)
    await kafka.close()
    const result = await millrace('base').run('diff', module)
    expect([result.exitCode, result.out]).toEqual([
      1,
      expect.stringMatching(/incompatible +store +counts[^]*2 partitions where the topology needs 4/),
    ])
  })

  test('says the name that keeps the state, and which topics are left', async () => {
    await ran('base')
    const { out } = await millrace('renamed').run('diff', module)
    expect(out).toContain("name it 'counts' (option store)")
    expect(out).toContain('--delete evolving-counts-changelog')
  })

  test('with --rolling, ends with 1 for a topology that a running group has to stop for', async () => {
    const rolling = async (shape: Shape) => (await millrace(shape).run('diff', module, '--rolling')).exitCode
    const options = { applicationId: 'evolving', commitIntervalMs: 20, offsetReset: 'earliest' } as const
    const kafka = memory.connection
    const streams = await startStreams({ ...options, logger: silentLogger, kafka }, evolvingTopology('base'))
    await committed(['views', 'evolving-by-page-repartition'])
    expect([await rolling('filtered'), await rolling('twoStores')]).toEqual([0, 1])
    await streams.close()
    expect(await rolling('twoStores')).toBe(0)
  })

  test('ends with 0 when ALLOW_STATE_LOSS accepts the loss', async () => {
    await ran('base')
    const { exitCode, errors } = await millrace('renamed', { ALLOW_STATE_LOSS: 'true' }).run('diff', module)
    expect([exitCode, errors]).toEqual([0, expect.stringContaining('ALLOW_STATE_LOSS')])
  })

  test('ends with 2 for a file that is no topology', async () => {
    const { exitCode, errors } = await millrace('base').run('diff', module, '--against', 'package.json')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('millrace describe MODULE --json')])
  })

  test('leaves topics of an application alone whose name begins with this one', async () => {
    await ran('base')
    const options = { applicationId: 'evolving-copy', commitIntervalMs: 20, offsetReset: 'earliest' } as const
    const kafka = memory.connection
    const copy = await startStreams({ ...options, logger: silentLogger, kafka }, evolvingTopology('base'))
    await memory.until(() => memory.uncommitted('evolving-copy', 'views') === 0)
    await copy.close()
    expect(storesOf(await millrace('base').run('diff', module, '--json'))).toEqual(['kept counts'])
  })
})

describe('the page of changes', () => {
  test('has a row for each change that is tested here, with its verdict', () => {
    const page = tableRows(readText('docs/topology-changes.md'))
    for (const { name, verdict } of rows) expect(page.find(([change]) => change === name)?.[1]).toBe(verdict)
  })
})

describe('a worker that starts', () => {
  const start = (shape: Shape, more: Readonly<Record<string, string>> = {}) =>
    startWorker(evolving, {
      environment: { SHAPE: shape, ...more },
      kafka: memory.connection,
      logger: silentLogger,
    })

  test('is refused when a store has another name, with the store and the fix', async () => {
    await ran('base')
    await expect(start('renamed')).rejects.toMatchObject({
      code: 'STATE_LOSS',
      message: expect.stringMatching(/evolving-counts-changelog keeps \d+ records; .*name it 'counts'/),
    })
  })

  test('is refused when an operator with a store is gone', async () => {
    await ran('base')
    await expect(start('stateless')).rejects.toMatchObject({ code: 'STATE_LOSS' })
  })

  test('starts with ALLOW_STATE_LOSS', async () => {
    await ran('base')
    const streams = await start('renamed', { ALLOW_STATE_LOSS: 'true' })
    await streams.close()
  })

  test('starts with --accept-loss of millrace run', async () => {
    await ran('base')
    const kafka = openKafka(memory.connection)
    const hasStarted = async () => (await kafka.admin().listTopics()).includes('evolving-totals-changelog')
    const stop = until(hasStarted).then(() => 'the test is over')
    const environment = { SHAPE: 'renamed', STATE_DIRECTORY: folder, OPS_PORT: '0', LOG_LEVEL: 'error' }
    const { exitCode } = await commandLine({ kafka: memory.connection, environment, stop }).run(
      'run',
      module,
      '--accept-loss',
    )
    await kafka.close()
    expect(exitCode).toBe(0)
  })

  test('starts although topics of a replay exist and its group does not', async () => {
    await ran('base')
    const name = 'evolving-replay-7-counts-changelog'
    const kafka = openKafka(memory.connection)
    await kafka.admin().createTopics([{ name, partitions: 2, replicationFactor: 1, configs: {} }], 1000)
    await kafka.close()
    memory.topic(name, { key: string(), value: string() }).write('a', 'b')
    const streams = await start('base')
    await streams.close()
  })

  test('starts when nothing is lost', async () => {
    await ran('base')
    const streams = await start('twoStores')
    await streams.close()
  })

  test('is refused when unread records of a repartition topic would stay behind', async () => {
    await ran('base')
    const unread = memory.topic('evolving-by-page-repartition', { key: string(), value: json<{ page: string }>() })
    unread.write('/1', { page: '/1' })
    await expect(start('otherRepartition')).rejects.toMatchObject({
      code: 'STATE_LOSS',
      message: expect.stringMatching(/evolving-by-page-repartition keeps 1 records; .*name it 'by-page'/),
    })
  })
})
