import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../../src/core/errors.ts'
import { keyValueQuery } from '../../../src/runtime/application/store-query.ts'
import type { ApplicationOptions } from '../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import {
  changedDriver,
  closeAll,
  countingByKey,
  everyUpdate,
  exactlyOnce,
  oneTo,
  processed,
  started,
  values,
} from './scene.ts'

// What another engine for Node gets wrong with exactly-once, by the number of the defect.

const openStores: typeof createTaskStores = (stores) => createTaskStores({ ...stores, openEngine: openLmdbEngine })
const never = 600_000
const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function onDisk(): Promise<Partial<ApplicationOptions>> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-defects-'))
  directories.push(directory)
  return { ...exactlyOnce, stateDirectory: directory }
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  return world
}

/** One record at a time, each in a commit of its own. */
async function writeEach(world: SimulatedWorld, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    world.write('in', [['k', 'v']])
    await processed(world, 'in')
  }
}

describe('defect 11, a commit that failed loses its records', () => {
  const connectionLost = () => new MillraceError('CONNECTION_CLOSED', 'retriable', 'the connection was reset')

  test.each([
    ['not made', (world: SimulatedWorld) => world.cluster.faults.failNextTransactionCall('commit', connectionLost())],
    ['lost', (world: SimulatedWorld) => world.cluster.faults.loseNextTransactionAnswer('commit', false)],
    [
      'made without an answer',
      (world: SimulatedWorld) => world.cluster.faults.loseNextTransactionAnswer('commit', true),
    ],
  ])('each record is counted once when a commit is %s', async (_how, fail) => {
    const world = newWorld()
    const application = await started(world, countingByKey(), exactlyOnce)
    await writeEach(world, 2)
    fail(world)
    await writeEach(world, 3)
    expect(values(world, 'out')).toEqual(oneTo(5))
    await closeAll(world, [application])
  })
})

describe('defects 12 and 16, a killed process leaves what it had not committed in its store', () => {
  test('two records after the last commit are counted once', async () => {
    const world = newWorld()
    const options = await onDisk()
    const first = await started(world, countingByKey(), { ...options, commitIntervalMs: 1000 }, { openStores })
    await writeEach(world, 1)
    world.write('in', [
      ['k', 'v'],
      ['k', 'v'],
    ])
    await world.until(() => first.status().totals.processed === 3)
    expect(world.uncommitted('app', 'in')).toBe(2)
    await world.crash(first)
    const second = await started(world, countingByKey(), options, { openStores })
    await processed(world, 'in')
    expect(values(world, 'out')).toEqual(oneTo(3))
    await closeAll(world, [second])
  })

  test('a commit that Kafka has and the store has not is restored', async () => {
    const world = newWorld()
    const options = await onDisk()
    const first = await started(world, countingByKey(), options, { openStores })
    await writeEach(world, 2)
    world.cluster.faults.loseNextTransactionAnswer('commit', true)
    world.write('in', [['k', 'v']])
    await world.until(() => world.uncommitted('app', 'in') === 0)
    await world.crash(first)
    const second = await started(world, countingByKey(), options, { openStores })
    await writeEach(world, 1)
    expect(values(world, 'out')).toEqual(oneTo(4))
    await closeAll(world, [second])
  })

  test('at-least-once repeats one interval and nothing older', async () => {
    const world = newWorld()
    const options = { ...everyUpdate, sessionTimeoutMs: 3000, heartbeatIntervalMs: 500, commitIntervalMs: 1000 }
    const first = await started(world, countingByKey(), options)
    await writeEach(world, 3)
    world.write('in', [['k', 'v']])
    await world.until(() => values(world, 'out').length === 4)
    await world.crash(first)
    const second = await started(world, countingByKey(), options)
    await processed(world, 'in')
    expect(values(world, 'out')).toEqual([...oneTo(4), '4'])
    await closeAll(world, [second])
  })
})

describe('defect 13, values of an aborted transaction stay in memory', () => {
  test('the process continues from what it had committed', async () => {
    const world = newWorld()
    const application = await started(world, countingByKey(), { ...exactlyOnce, commitIntervalMs: 1000 })
    await writeEach(world, 2)
    const refused = new MillraceError('INVALID_PRODUCER_EPOCH', 'transaction-aborted', 'the transaction was aborted')
    world.cluster.faults.failNextTransactionCall('commit', refused)
    world.write('in', [['k', 'v']])
    const counts = application.query(keyValueQuery<string, number>('counts'))
    await world.until(() => counts.get('k') === 3)
    await processed(world, 'in')
    expect(values(world, 'out')).toEqual(oneTo(3))
    expect(counts.get('k')).toBe(3)
    await closeAll(world, [application])
  })
})

describe('defect 14, the next restore begins behind a record that nobody has read', () => {
  test('a record between the last one and the marker of its transaction is restored', async () => {
    const world = newWorld()
    const options = await onDisk()
    const first = await started(world, countingByKey(), options, { openStores })
    world.cluster.faults.markerDelayMs = 50
    world.write('in', [['k', 'v']])
    const log = world.cluster.log('app-counts-changelog', 0)
    await world.until(() => log.endOffset === 1)
    const seven = Buffer.alloc(8)
    seven.writeBigInt64BE(7n)
    world.cluster.append('app-counts-changelog', 0, Buffer.from('other'), seven, 0)
    world.cluster.faults.markerDelayMs = 0
    await processed(world, 'in')
    await world.run(100)
    await closeAll(world, [first])
    const second = await started(world, countingByKey(), options, { openStores })
    const counts = second.query(keyValueQuery<string, number>('counts'))
    expect([counts.get('k'), counts.get('other')]).toEqual([1, 7])
    await closeAll(world, [second])
  })
})

describe('defect 15, the transaction of a dead process stays open', () => {
  test('its successor ends it at once, long before its timeout', async () => {
    const world = newWorld()
    const options = { ...(await onDisk()), transactionTimeoutMs: never }
    let die = () => {}
    const died = new Promise<never>((_resolve, reject) => {
      die = () => reject(new MillraceError('DRIVER_CLOSED', 'fatal', 'the process is gone'))
    })
    died.catch(() => {})
    const driver = changedDriver(world, { transactions: () => ({ commit: () => died }) })
    const first = await started(world, countingByKey(), options, { openStores, driver })
    world.write('in', [['k', 'v']])
    const log = world.cluster.log('out', 0)
    await world.until(() => log.endOffset > 0)
    await driver.close()
    await world.crash(first)
    die()
    await world.finish(first.close().catch(() => {}))
    expect(log.lastStableOffset).toBe(0)
    const diedMs = world.clock.nowMs()
    const second = await started(world, countingByKey(), options, { openStores })
    await world.until(() => values(world, 'out').length === 1)
    expect(log.lastStableOffset).toBe(log.endOffset)
    expect(world.clock.nowMs() - diedMs).toBeLessThan(10_000)
    await closeAll(world, [second])
  })
})
