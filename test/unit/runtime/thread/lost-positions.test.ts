import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { PositionLostEvent } from '../../../../src/runtime/listener.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const partition = { topic: 'in', partition: 0 }
const create = (world: SimulatedWorld) => world.createTopics({ in: 1 })
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => [null, `v${from + index}`, from + index] as const)
const copied = (world: SimulatedWorld) => world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())
const values = (from: number, to: number) => numbered(from, to).map(([, value]) => value)

function copy() {
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).to('out', { key: string(), value: string() })
  return builder.build()
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ out: 1 })
  create(world)
  return world
}

function started(world: SimulatedWorld, options: Partial<ApplicationOptions> = {}) {
  const losses: PositionLostEvent[] = []
  const listener = { onPositionLost: (event: PositionLostEvent) => void losses.push(event) }
  const application = world.application(copy(), options, { listener })
  return { application, losses, start: () => world.finish(application.start()) }
}

/** Reads 50 records, and stops. */
async function readFifty(world: SimulatedWorld, options: Partial<ApplicationOptions> = {}): Promise<void> {
  const first = started(world, options)
  await first.start()
  world.write('in', numbered(0, 50))
  await world.until(() => world.uncommitted('app', 'in') === 0)
  await world.finish(first.application.close())
}

describe('what retention deletes before it is read', () => {
  async function restartBehindRetention(options: Partial<ApplicationOptions>) {
    const world = newWorld()
    await readFifty(world, options)
    world.write('in', numbered(50, 200))
    world.cluster.deleteBefore('in', 0, 80)
    const second = started(world, options)
    await second.start().catch(() => {})
    return { world, ...second }
  }
  const range = { ...partition, thread: 'app-thread-1', kind: 'deleted', from: 50 }

  test.each(['earliest', 'latest'] as const)(
    'is an event, and all that is left is read, where groups begin at %s',
    async (offsetReset) => {
      const { world, application, losses } = await restartBehindRetention({ offsetReset })
      await world.until(() => copied(world).length === 170)
      expect(copied(world)).toEqual([...values(0, 50), ...values(80, 200)])
      expect(losses).toMatchObject([{ ...range, to: 80 }])
      await world.finish(application.close())
    },
  )

  test('is an event, and what is left is skipped, where that is wanted', async () => {
    const { world, application, losses } = await restartBehindRetention({ offsetOutOfRange: 'latest' })
    await world.until(() => losses.length > 0)
    world.write('in', numbered(200, 201))
    await world.until(() => copied(world).length === 51)
    expect(losses).toMatchObject([{ ...range, to: 200 }])
    await world.finish(application.close())
  })

  test('ends the application where that is wanted', async () => {
    const { world, application, losses } = await restartBehindRetention({ offsetOutOfRange: 'fail' })
    await world.until(() => application.state === 'ERROR')
    expect([application.failure, losses]).toMatchObject([{ code: 'OFFSET_OUT_OF_RANGE' }, []])
    await world.finish(application.close())
  })
})

describe('a topic that is created again under its name', () => {
  function makeAnew(world: SimulatedWorld): void {
    create(world)
    world.write('in', numbered(100, 300))
  }

  async function expectReadAnew(world: SimulatedWorld, { application, losses }: ReturnType<typeof started>) {
    await world.until(() => copied(world).length === 250)
    expect(copied(world)).toEqual([...values(0, 50), ...values(100, 300)])
    expect(losses).toMatchObject([{ ...partition, kind: 'recreated', from: 50, to: 0 }])
    await world.finish(application.close())
  }

  /** Has read 50 records of the topic, which is deleted, and runs. */
  async function running(world: SimulatedWorld, options: Partial<ApplicationOptions>) {
    const one = started(world, options)
    await one.start()
    world.write('in', numbered(0, 50))
    await world.until(() => world.uncommitted('app', 'in') === 0)
    world.cluster.deleteTopic('in')
    return one
  }

  test.each(['earliest', 'latest'] as const)(
    'is read from its first record by who runs, under %s',
    async (offsetReset) => {
      const world = newWorld()
      const one = await running(world, { offsetReset })
      makeAnew(world)
      await expectReadAnew(world, one)
    },
  )

  test.each(['earliest', 'latest'] as const)(
    'is read from its first record by who ran while it was away and its offsets were forgotten, under %s',
    async (offsetReset) => {
      const world = newWorld()
      const one = await running(world, { offsetReset })
      await world.until(() => one.application.status().tasks.length === 0)
      makeAnew(world)
      await expectReadAnew(world, one)
    },
  )

  test('is read from its first record after a restart, by the id that was committed', async () => {
    const world = newWorld()
    await readFifty(world)
    const offsets = world.cluster.group('app').committed([partition])
    world.cluster.deleteTopic('in')
    makeAnew(world)
    // Somebody restored the offsets, or a commit was under way when the topic went.
    world.cluster.group('app').commit(offsets, { groupId: 'app', generation: -1, memberId: '', instanceId: undefined })
    const one = started(world)
    await one.start()
    await expectReadAnew(world, one)
  })

  test('ends the application where that is wanted', async () => {
    const world = newWorld()
    const { application } = await running(world, { offsetOutOfRange: 'fail' })
    makeAnew(world)
    await world.until(() => application.state === 'ERROR')
    expect(application.failure).toMatchObject({ code: 'TOPIC_RECREATED' })
    await world.finish(application.close())
  })
})
