import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import type { TaskStoresOptions } from '../../../../src/stores/task-stores.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const partitions = [0, 1, 2]

/** One write of the first task to its local state fails, and shows that the state cannot be trusted. */
class Damage {
  isDue = false

  readonly openStores = (options: TaskStoresOptions) => {
    const stores = createTaskStores(options)
    const apply = stores.apply.bind(stores)
    stores.apply = async (offsets) => {
      await apply(offsets)
      if (!this.isDue || options.taskId !== '0_0') return
      this.isDue = false
      const details = { taskId: options.taskId }
      throw new MillraceError('STORE_DAMAGED', 'task-corrupted', 'damaged', { details })
    }
    return stores
  }
}

/** Counts by key; the first record that says so fails once, with an error that passes. */
function counts() {
  let hasFailed = false
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .peek((_key, value) => {
      if (value !== 'fails once' || hasFailed) return
      hasFailed = true
      throw new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'not now')
    })
    .groupByKey()
    .count({ store: 'counts' })
    .toStream()
    .to('out', { key: string(), value: long() })
  return builder.build()
}

describe('tasks whose transaction is undone', () => {
  test('all begin again at their last commit, also when one of them meets damaged state on the way', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 3, out: 3 })
    const damage = new Damage()
    const options = { processingGuarantee: 'exactly-once', sessionTimeoutMs: 30_000, cacheBytesMax: 0 } as const
    const application = world.application(counts(), options, { openStores: damage.openStores })
    await world.finish(application.start())
    const send = (partition: number, value: string) =>
      world.cluster.append('in', partition, Buffer.from(`k${partition}`), Buffer.from(value), world.clock.nowMs())
    await world.until(() => application.state === 'RUNNING')
    damage.isDue = true
    for (const partition of partitions) send(partition, 'a')
    await world.until(() => !damage.isDue)
    send(0, 'b')
    send(1, 'b')
    send(2, 'fails once')
    await world.until(() => world.uncommitted('app', 'in') === 0)
    const out = world
      .read('out')
      .map(({ key, value }) => `${Buffer.from(key ?? []).toString()}=${Buffer.from(value ?? []).readBigInt64BE()}`)
    expect(out.toSorted()).toEqual(partitions.flatMap((partition) => [`k${partition}=1`, `k${partition}=2`]))
    await world.finish(application.close())
  })
})
