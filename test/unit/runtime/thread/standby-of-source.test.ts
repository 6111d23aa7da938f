import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** Users by region; `users` is its own changelog. */
function byRegion() {
  const builder = new StreamsBuilder()
  builder
    .table('users', { key: string(), value: string(), store: 'users' })
    .groupBy((user, region): [string, string] => [region, user], { name: 'regions', key: string(), value: string() })
    .count({ store: 'by-region' })
    .toStream()
    .to('out', { key: string(), value: long() })
  return builder.build({ optimize: 'all' })
}

function counted(world: SimulatedWorld): Record<string, number> {
  const latest = new Map<string, number>()
  for (const { key, value } of world.read('out'))
    latest.set(Buffer.from(key ?? []).toString(), Number(Buffer.from(value ?? []).readBigInt64BE()))
  return Object.fromEntries(latest)
}

test('a standby of a table that has its source topic as changelog holds nothing that is not committed', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ users: 1, out: 1 })
  const start = async (processId: string) => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'millrace-standby-'))
    directories.push(stateDirectory)
    const application = world.application(
      byRegion(),
      { processId, stateDirectory, standbyReplicas: 1, sessionTimeoutMs: 5000 },
      { openStores: (options) => createTaskStores({ ...options, openEngine: openLmdbEngine }) },
    )
    await world.finish(application.start())
    return application
  }
  const first = await start('first')
  const second = await start('second')
  await world.until(() => second.status().tasks.some(({ state }) => state === 'STANDBY'))
  world.write('users', [['alice', 'north']])
  await world.until(() => counted(world).north === 1)
  await world.run(1000)
  await world.crash(
    first.status().tasks.some(({ taskId, state }) => taskId === '0_0' && state === 'RUNNING') ? first : second,
  )
  // Comes before anybody takes over.
  world.write('users', [['alice', 'south']])
  await world.until(() => counted(world).south === 1 && world.uncommitted('app', 'users') === 0)
  await world.run(2000)
  expect(counted(world)).toEqual({ north: 0, south: 1 })
  for (const application of [first, second]) await world.finish(application.close()).catch(() => {})
})
