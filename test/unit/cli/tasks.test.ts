import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { silentLogger, startStreams, type Streams, string } from '../../../src/index.ts'
import { type OpsServer, startOpsServer } from '../../../src/ops/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { copies } from './modules/plain-topology.ts'

let memory: MemoryKafka
let millrace: CommandLine
let streams: Streams
let ops: OpsServer | undefined
/** Where the group says that the process answers. */
let address: string

beforeEach(async () => {
  const [port = 0] = await freePorts(1)
  address = `127.0.0.1:${port}`
  memory = new MemoryKafka({ topics: { originals: 2, copies: 1 } })
  millrace = commandLine({ kafka: memory.connection, environment: { OPS_TOKEN: 'a-secret' } })
  streams = await startStreams(
    {
      applicationId: 'readers',
      processId: 'one',
      applicationServer: address,
      commitIntervalMs: 20,
      offsetReset: 'earliest',
      logger: silentLogger,
      kafka: memory.connection,
    },
    copies,
  )
  await streams.application.waitFor('RUNNING', 10_000)
})
afterEach(async () => {
  await ops?.close()
  ops = undefined
  await streams.close()
})

async function worker(token: string, port = 0): Promise<string> {
  const healthy = () => ({ ok: true, reason: 'well' })
  ops = await startOpsServer({
    port,
    token,
    live: healthy,
    ready: healthy,
    metrics: () => Promise.resolve(''),
    status: () => streams.application.status(),
  })
  return `http://127.0.0.1:${ops.port}`
}

interface Tasks {
  readonly tasks: readonly {
    readonly taskId: string
    readonly role: string
    readonly processId: string
    readonly state?: string
  }[]
  readonly threads: readonly { readonly state: string; readonly phase: string }[]
}
async function tasksOf(...options: string[]): Promise<Tasks> {
  const { out } = await millrace.run('tasks', 'readers', '--json', ...options)
  return JSON.parse(out) as Tasks
}

describe('millrace tasks', () => {
  test('says from the cluster alone which process has which task', async () => {
    expect((await tasksOf()).tasks).toMatchObject([
      { taskId: '0_0', role: 'active', processId: 'one' },
      { taskId: '0_1', role: 'active', processId: 'one' },
    ])
  })

  test('shows states and threads of a worker that can be reached', async () => {
    const { tasks, threads } = await tasksOf('--worker', await worker('a-secret'))
    expect(tasks.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING'])
    expect(threads).toMatchObject([{ state: 'RUNNING' }])
  })

  test('asks the workers whose addresses are in the group', async () => {
    await worker('a-secret', Number(address.split(':')[1]))
    const { tasks, threads } = await tasksOf()
    expect([tasks.map(({ state }) => state), threads.length]).toEqual([['RUNNING', 'RUNNING'], 1])
  })

  test('says once that a worker of the group does not answer, and shows what the cluster knows', async () => {
    const { exitCode, out, errors } = await millrace.run('tasks', 'readers')
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/0_0 +active +one/)])
    expect(errors.match(/OPS_ADVERTISED_HOST/g)).toHaveLength(1)
  })

  test('shows what the cluster knows, and names the setting, when a worker refuses the token', async () => {
    const { exitCode, out, errors } = await millrace.run('tasks', 'readers', '--worker', await worker('another'))
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/0_0 +active +one/)])
    expect(errors).toContain('OPS_TOKEN')
  })

  test('shows what the cluster knows when a worker cannot be reached', async () => {
    const { exitCode, errors } = await millrace.run('tasks', 'readers', '--worker', 'http://127.0.0.1:1')
    expect([exitCode, errors]).toEqual([0, expect.stringContaining('OPS_PORT')])
  })

  test('ends with 2 for a group that does not exist', async () => {
    expect((await millrace.run('tasks', 'nobody')).exitCode).toBe(2)
  })
})

describe('millrace top', () => {
  test('sums the lag of a group by topic', async () => {
    const originals = memory.topic('originals', { key: string(), value: string() })
    for (const key of ['a', 'b', 'c', 'd']) originals.write(key, '')
    await memory.until(() => memory.uncommitted('readers', 'originals') === 0)
    await streams.close()
    for (const key of ['a', 'b', 'c']) originals.write(key, '')
    const { exitCode, out } = await millrace.run('top', 'readers', '--json', '--interval', '1')
    expect([exitCode, (JSON.parse(out) as { topics: unknown[] }).topics]).toEqual([
      0,
      [expect.objectContaining({ groupId: 'readers', topic: 'originals', partitions: 2, records: 3, members: 0 })],
    ])
  })

  test('shows all groups of the cluster without an argument', async () => {
    const { out } = await millrace.run('top', '--once', '--interval', '1')
    expect(out).toMatch(/readers +Stable +1 +originals/)
  })

  test('shows what the workers of its groups say about themselves', async () => {
    await worker('a-secret', Number(address.split(':')[1]))
    const { out } = await millrace.run('top', 'readers', '--once', '--interval', '1')
    expect(out).toMatch(/\nhttp:\/\/127\.0\.0\.1:\d+ +readers +RUNNING +2 +0 +0 +-/)
  })

  test('ends with 2 for a named group that does not exist', async () => {
    expect((await millrace.run('top', 'nobody', '--once', '--interval', '1')).exitCode).toBe(2)
  })
})
