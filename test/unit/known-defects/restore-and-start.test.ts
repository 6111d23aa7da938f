import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/core/errors.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import {
  changedDriver,
  closeAll,
  countingByKey,
  everyUpdate,
  keyed,
  oneTo,
  processed,
  started,
  values,
} from './scene.ts'

// What another engine for Node gets wrong while it restores and starts, by the number of the defect.

/** Longer than any wait after which the other engine gave up. */
const awayMs = 12_000
const away = () => new MillraceError('BROKER_NOT_AVAILABLE', 'retriable', 'no broker answers')

/** A world whose application has counted two hundred keys and is closed. */
async function countedBefore(): Promise<SimulatedWorld> {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  const first = await started(world, countingByKey())
  world.write('in', keyed(200))
  await processed(world, 'in')
  await closeAll(world, [first])
  return world
}

/** Every key was counted again, from what was restored. */
async function expectSecondCounts(world: SimulatedWorld): Promise<void> {
  world.write('in', keyed(200))
  await world.until(() => values(world, 'out').length === 400)
  expect(new Set(values(world, 'out').slice(200))).toEqual(new Set(['2']))
}

describe('defect 17, a restore that gets nothing for a while ends', () => {
  const inRounds = { ...everyUpdate, fetchMaxBytes: 1024, partitionFetchMaxBytes: 1024 }

  test('it goes to the end of the changelog, in as many rounds as it takes', async () => {
    const world = await countedBefore()
    const second = await started(world, countingByKey(), inRounds)
    await expectSecondCounts(world)
    await closeAll(world, [second])
  })

  test('it continues after a long silence', async () => {
    const world = await countedBefore()
    let polls = 0
    let silentUntilMs = 0
    const driver = changedDriver(world, {
      restore: (consumer) => ({
        poll: async (...args) => {
          const batches = world.clock.nowMs() < silentUntilMs ? [] : await consumer.poll(...args)
          if (batches.length > 0 && ++polls === 2) silentUntilMs = world.clock.nowMs() + awayMs
          return batches
        },
      }),
    })
    const startedMs = world.clock.nowMs()
    const second = await started(world, countingByKey(), inRounds, { driver })
    expect(world.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(awayMs)
    await expectSecondCounts(world)
    await closeAll(world, [second])
  })
})

describe('defect 18, a restore without brokers counts as one that succeeded', () => {
  test('the application runs when the brokers are back, with its state', async () => {
    const world = await countedBefore()
    const backMs = world.clock.nowMs() + awayMs
    const driver = changedDriver(world, {
      restore: (consumer) => ({
        poll: async (...args) => {
          if (world.clock.nowMs() < backMs) throw away()
          return consumer.poll(...args)
        },
      }),
    })
    const second = await started(world, countingByKey(), everyUpdate, { driver })
    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(backMs)
    await expectSecondCounts(world)
    await closeAll(world, [second])
  })
})

describe('defect 19, a member that joins late has partitions that are paused forever', () => {
  test('an application whose group takes long to assign processes then', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const assignedMs = world.clock.nowMs() + awayMs
    const driver = changedDriver(world, {
      member: (member) => ({ poll: () => (world.clock.nowMs() < assignedMs ? undefined : member.poll()) }),
    })
    const application = await started(world, countingByKey(), everyUpdate, { driver })
    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(assignedMs)
    world.write('in', [['k', 'v']])
    await world.until(() => values(world, 'out').length === 1)
    await closeAll(world, [application])
  })
})

describe('defect 20, the state does not say whether anything runs', () => {
  /** A process whose input fails with the error once it is told to. */
  async function failing(error: () => unknown) {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const input = { fails: false }
    const driver = changedDriver(world, {
      input: (consumer) => ({
        poll: async (...args) => {
          if (!input.fails) return consumer.poll(...args)
          input.fails = false
          throw error()
        },
      }),
    })
    const application = await started(world, countingByKey(), everyUpdate, { driver })
    application.ended.catch(() => {})
    return { world, application, input }
  }

  test('after an error that passes, it is RUNNING and processes', async () => {
    const { world, application, input } = await failing(away)
    input.fails = true
    world.write('in', [['k', 'v']])
    await processed(world, 'in')
    expect([application.state, values(world, 'out')]).toEqual(['RUNNING', oneTo(1)])
    await closeAll(world, [application])
  })

  test('after an error that ends it, it is ERROR and processes nothing', async () => {
    const { world, application, input } = await failing(() => new MillraceError('DRIVER_CLOSED', 'fatal', 'closed'))
    input.fails = true
    await world.until(() => application.state === 'ERROR')
    world.isWatched = false
    world.write('in', [['k', 'v']])
    await world.run(60_000)
    expect([application.state, values(world, 'out')]).toEqual(['ERROR', []])
    await expect(application.ended).rejects.toMatchObject({ code: 'DRIVER_CLOSED' })
  })
})
