import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { json, openKafka, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { until } from '../../support/until.ts'

const module = 'test/unit/cli/modules/visits.ts'
const environment = { KAFKA_OFFSET_RESET: 'earliest', COMMIT_INTERVAL_MS: '20', OPS_PORT: '0', LOG_LEVEL: 'error' }
const users = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']
let memory: MemoryKafka
let millrace: CommandLine
let stop: (signal: string) => void
let stopped: Promise<string>
let running: Promise<unknown>[]

beforeEach(() => {
  memory = new MemoryKafka({ topics: { visits: 2, users: 1 } })
  millrace = commandLine({ kafka: memory.connection, environment })
  stopped = new Promise((resolve) => (stop = resolve))
  running = []
})
afterEach(async () => {
  stop('SIGTERM')
  await Promise.all(running)
})

/** Starts workers as `millrace run` does, and waits until they share the tasks and have read everything. */
async function run(count: number, more: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let index = 0; index < count; index++) {
    const worker = commandLine({ kafka: memory.connection, environment: { ...environment, ...more }, stop: stopped })
    running.push(worker.run('run', module))
  }
  const visits = memory.topic('visits', { key: string(), value: json<object>() })
  for (const user of users) visits.write(user, { user }, { timestamp: 60_000 })
  const profiles = memory.topic('users', { key: string(), value: json<object>() })
  profiles.write('ann', { name: 'Ann', password: 'hunter2' })
  const kafka = openKafka(memory.connection)
  await until(async () => {
    const { members } = await kafka
      .admin()
      .describeGroup('visits')
      .catch(() => ({ members: [] }))
    const owners = members.filter(({ active }) => (active?.length ?? 0) > 0)
    return owners.length === count && memory.uncommitted('visits', 'visits') === 0
  })
  await kafka.close()
}

interface Answer {
  readonly partition: number
  readonly rows: readonly { readonly key: unknown; readonly value: unknown; readonly worker: string }[]
}
async function state(...args: readonly string[]): Promise<Answer> {
  const { out, errors } = await millrace.run('state', ...args, '--module', module, '--json')
  if (out === '') throw new Error(errors)
  return JSON.parse(out) as Answer
}

describe('millrace state', () => {
  test('asks the process that has the key, whichever it is', async () => {
    await run(2)
    const answers = await Promise.all(users.map((user) => state('get', 'total', user)))
    expect(answers.map(({ rows }) => rows.map(({ key, value }) => [key, value]))).toEqual(
      users.map((user) => [[user, 1]]),
    )
    const workerOf = new Map(answers.map(({ partition, rows }) => [partition, rows[0]?.worker]))
    expect(new Set(workerOf.values()).size).toBe(2)
    for (const { partition, rows } of answers) expect(rows[0]?.worker).toBe(workerOf.get(partition))
  })

  test('puts the rows of all processes together', async () => {
    await run(2)
    const { rows } = await state('range', 'total')
    expect(rows.map(({ key }) => key).sort()).toEqual(users)
  })

  test('shows a range of keys', async () => {
    await run(1)
    const { rows } = await state('range', 'total', '--from-key', 'bob', '--to-key', 'dan')
    expect(rows.map(({ key }) => key)).toEqual(['bob', 'cid', 'dan'])
  })

  test('shows windows of a key and of all keys', async () => {
    await run(2)
    expect((await state('window', 'minutes', 'ann')).rows).toMatchObject([
      { key: 'ann', value: 1, window: { startMs: 60_000, endMs: 120_000 } },
    ])
    expect((await state('window', 'minutes')).rows).toHaveLength(users.length)
    expect((await state('window', 'minutes', '--from', '1970-01-01T00:02:00Z')).rows).toEqual([])
  })

  test('shows sessions of a key and of all keys', async () => {
    await run(2)
    expect((await state('session', 'sessions', 'ann')).rows).toMatchObject([
      { key: 'ann', value: 1, window: { startMs: 60_000, endMs: 60_000 } },
    ])
    expect((await state('session', 'sessions')).rows).toHaveLength(users.length)
  })

  test('asks any process for a global store, and hides what looks like a secret', async () => {
    await run(2)
    expect((await state('get', 'users', 'ann')).rows).toMatchObject([
      { value: { name: 'Ann', password: '[redacted:secret]' } },
    ])
    expect((await state('range', 'users')).rows).toHaveLength(1)
  })

  test('prints a table for people, and ends with 1 for a key that nobody has', async () => {
    await run(1)
    const { out } = await millrace.run('state', 'get', 'total', 'ann', '--module', module)
    expect(out).toMatch(/^key +value +worker\nann +1 +http:\/\/127.0.0.1:\d+\n$/)
    const nobody = await millrace.run('state', 'get', 'total', 'zoe', '--module', module)
    expect(nobody).toMatchObject({ exitCode: 1, out: 'no rows\n' })
  })

  test('uses the token of the settings, and names it where it is missing', async () => {
    await run(1, { OPS_TOKEN: 'open sesame' })
    const without = await millrace.run('state', 'get', 'total', 'ann', '--module', module)
    expect(without).toMatchObject({ exitCode: 2, errors: expect.stringContaining('OPS_TOKEN') })
    const withToken = commandLine({
      kafka: memory.connection,
      environment: { ...environment, OPS_TOKEN: 'open sesame' },
    })
    expect(await withToken.run('state', 'get', 'total', 'ann', '--module', module)).toMatchObject({ exitCode: 0 })
  })

  test('names the setting of a member that does not say where it is', async () => {
    await run(1, { OPS_HOST: '0.0.0.0', OPS_TOKEN: 'open sesame' })
    const { exitCode, errors } = await millrace.run('state', 'get', 'total', 'ann', '--module', module)
    expect([exitCode, errors]).toEqual([2, expect.stringMatching(/has 0_\d.*OPS_ADVERTISED_HOST/)])
  })

  test('names a worker that cannot be reached, and takes another address', async () => {
    await run(1)
    const { rows } = await state('get', 'total', 'ann')
    const nowhere = ['--worker', 'http://127.0.0.1:1', '--module', module]
    const { exitCode, errors } = await millrace.run('state', 'get', 'total', 'ann', ...nowhere)
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('worker http://127.0.0.1:1 cannot be reached')])
    expect(await state('get', 'total', 'ann', '--worker', rows[0]?.worker ?? '')).toMatchObject({ rows })
  })

  test.each([
    ['get', 'minutes', 'ann', 'STORE_KIND'],
    ['get', 'nothing', 'ann', 'STORE_NOT_FOUND'],
  ])('%s %s %s ends with 2 and %s', async (kind, store, key, code) => {
    await run(1)
    const { exitCode, errors } = await millrace.run('state', kind, store, key, '--module', module)
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(code)])
  })
})
