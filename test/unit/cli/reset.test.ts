import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  type Admin,
  json,
  type KafkaDriver,
  long,
  openKafka,
  silentLogger,
  startStreams,
  string,
} from '../../../src/index.ts'
import { applyReset } from '../../../src/cli/reset/apply-reset.ts'
import { planReset } from '../../../src/cli/reset/reset-plan.ts'
import { prepareWorker } from '../../../src/worker/prepare-worker.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { until } from '../../support/until.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import pageViewsWorker, { pageViews } from './modules/page-views.ts'

const module = 'test/unit/cli/modules/page-views.ts'
const directory = mkdtempSync(join(tmpdir(), 'millrace-reset-'))
const internalTopics = ['page-views-by-page-repartition', 'page-views-counts-changelog']
let memory: MemoryKafka
let kafka: KafkaDriver
let admin: Admin
let millrace: CommandLine

beforeEach(async () => {
  memory = new MemoryKafka({ topics: { views: 1, 'view-counts': 1, payments: 1 } })
  kafka = openKafka(memory.connection)
  admin = kafka.admin()
  millrace = commandLine({ kafka: memory.connection, environment: { STATE_DIRECTORY: directory } })
  const views = memory.topic('views', { key: string(), value: json<{ page: string }>() })
  for (const timestamp of [1000, 2000, 3000]) views.write('a', { page: '/' }, { timestamp })
})
afterEach(() => kafka.close())

async function start(): Promise<{ close(): Promise<void> }> {
  const options = { applicationId: pageViewsWorker.name, commitIntervalMs: 20, offsetReset: 'earliest' } as const
  const streams = await startStreams({ ...options, logger: silentLogger, kafka: memory.connection }, pageViews)
  await until(async () => (await committed()) === 3)
  return streams
}
/** The application has read everything and ended. */
async function runOnce(): Promise<void> {
  await (await start()).close()
}
async function committed(): Promise<number | undefined> {
  return (await admin.groupOffsets('page-views')).find(({ topic }) => topic === 'views')?.offset
}

describe('millrace reset', () => {
  test('changes nothing without --execute', async () => {
    await runOnce()
    const { exitCode, out } = await millrace.run('reset', module)
    expect(exitCode).toBe(0)
    expect(out).toMatch(/views +0 +3 +0\n/)
    expect([await committed(), await admin.listTopics()]).toEqual([3, expect.arrayContaining(internalTopics)])
  })

  test('brings the group to the start of its inputs, reads the offsets back, and deletes internal topics', async () => {
    await runOnce()
    const { exitCode, out } = await millrace.run('reset', module, '--execute')
    expect([exitCode, out]).toEqual([0, expect.stringContaining('read back')])
    expect(await committed()).toBe(0)
    expect(await admin.listTopics()).toEqual(expect.not.arrayContaining(internalTopics))
  })

  test('touches no topic that the topology does not have', async () => {
    await admin.createTopics(
      [{ name: 'page-views-of-others-changelog', partitions: 1, replicationFactor: 1, configs: {} }],
      1000,
    )
    await runOnce()
    await millrace.run('reset', module, '--execute')
    expect(await admin.listTopics()).toEqual(
      expect.arrayContaining(['page-views-of-others-changelog', 'payments', 'view-counts', 'views']),
    )
  })

  test.each([
    [['--to-latest'], 3],
    [['--to-time', '1970-01-01T00:00:02Z'], 1],
    [['--by-duration', 'PT1H'], 3],
    [['--shift-by', '-2'], 1],
    [['--shift-by', '-9'], 0],
  ] as const)('takes %s', async (options, offset) => {
    await runOnce()
    await millrace.run('reset', module, ...options, '--execute')
    expect(await committed()).toBe(offset)
  })

  test('takes offsets from a file', async () => {
    await runOnce()
    const file = join(directory, 'offsets.csv')
    writeFileSync(file, 'views,0,2\n')
    await millrace.run('reset', module, '--from-file', file, '--execute')
    expect(await committed()).toBe(2)
  })

  test('looks for the file in the working directory', async () => {
    await runOnce()
    writeFileSync(join(directory, 'relative.csv'), 'views,0,2\n')
    const line = commandLine({ kafka: memory.connection, directory })
    const { exitCode, out } = await line.run('reset', resolve(module), '--from-file', 'relative.csv')
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/views +0 +3 +2/)])
  })

  test('refuses a file that names a topic of somebody else', async () => {
    await runOnce()
    const file = join(directory, 'others.csv')
    writeFileSync(file, 'payments,0,0\n')
    const { exitCode, errors } = await millrace.run('reset', module, '--from-file', file, '--execute')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('payments-0')])
    expect(await committed()).toBe(3)
  })

  test('waits for the group to be empty, and names the members that keep it alive', async () => {
    const streams = await start()
    const { exitCode, errors } = await millrace.run('reset', module, '--wait', '0', '--execute')
    await streams.close()
    expect([exitCode, errors]).toEqual([
      2,
      expect.stringMatching(/group page-views has 1 member .*page-views.*@memory/),
    ])
    expect(await committed()).toBe(3)
  })

  test('deletes internal topics while an input is missing, and names the input', async () => {
    const internal = ['two-inputs-by-page-repartition', 'two-inputs-counts-changelog']
    const newTopic = (name: string) => ({ name, partitions: 1, replicationFactor: 1, configs: {} })
    await admin.createTopics(internal.map(newTopic), 1000)
    const { exitCode, out } = await millrace.run('reset', 'test/unit/cli/modules/two-inputs.ts', '--execute')
    expect([exitCode, out]).toEqual([0, expect.stringContaining('input clicks does not exist')])
    expect(await admin.listTopics()).toEqual(expect.not.arrayContaining(internal))
  })

  test('deletes nothing where a member has come after it was waited for', async () => {
    const worker = await prepareWorker(pageViewsWorker, { environment: {}, logger: () => silentLogger })
    const streams = await start()
    const plan = await planReset(worker, admin, { kind: 'place', place: 'earliest' }, { localState: false })
    await expect(applyReset(worker, kafka, plan)).rejects.toMatchObject({ code: 'GROUP_IN_USE' })
    await streams.close()
    expect(await admin.listTopics()).toEqual(expect.arrayContaining(internalTopics))
  })

  test('lets the application count everything again', async () => {
    await runOnce()
    await millrace.run('reset', module, '--execute')
    await runOnce()
    const counts = memory.topic('view-counts', { key: string(), value: long() }).read()
    expect(counts.filter(({ value }) => value === 3)).toHaveLength(2)
  })
})
