import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { MillraceError } from '../../../../src/core/errors.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import type { Admin, Consumer } from '../../../../src/kafka/port.ts'
import type { RecordBatch } from '../../../../src/kafka/record-batch.ts'
import { CommitLimits } from '../../../../src/runtime/thread/commit-limits.ts'
import { noStores } from '../../../../src/runtime/task/no-stores.ts'
import { Restorer } from '../../../../src/runtime/thread/restorer.ts'
import { OwnedTask } from '../../../../src/runtime/thread/owned-task.ts'
import type { Task } from '../../../../src/runtime/task/task.ts'
import type { TaskStores } from '../../../../src/stores/task-stores.ts'
import { batchOf } from '../batches.ts'

interface SceneOptions {
  readonly earliest?: number
  readonly latest: number
  readonly stored?: number
  readonly committed?: number
  readonly isSource?: boolean
  readonly isStandby?: boolean
}

/** One task with one changelog on a consumer that hands out what the test gives it. */
function scene({ earliest = 0, latest, stored, committed, isSource = false, isStandby = false }: SceneOptions) {
  const restored: number[] = []
  const faults: Error[] = []
  const stores: TaskStores = {
    ...noStores,
    changelogOffset: () => stored,
    restore: async (_name, batch) => {
      const fault = faults.shift()
      if (fault !== undefined) throw fault
      for (let index = 0; index < batch.count; index++) restored.push(batch.offset(index))
    },
  }
  const state = { committed: committed ?? 0, isPaused: false }
  let position = -1
  let seekFault: Error | undefined
  let arriving: RecordBatch[] = []
  const consumer = {
    assign: ([partition]: readonly { offset: number }[]) => {
      position = partition?.offset ?? -1
    },
    unassign: () => {},
    position: () => position,
    committed: async () => [{ topic: 'log', partition: 0, offset: state.committed, metadata: '' }],
    pause: () => {
      state.isPaused = true
    },
    resume: () => {
      state.isPaused = false
    },
    seek: (_partition: unknown, offset: number) => {
      if (seekFault !== undefined) throw seekFault
      position = offset
    },
    poll: async () => {
      const batches = arriving
      arriving = []
      for (const batch of batches) position = batch.nextOffset
      return batches
    },
  } as unknown as Consumer
  const admin = {
    listOffsets: async (partitions: readonly { at: string }[]) =>
      partitions.map((each) => ({ ...each, offset: each.at === 'earliest' ? earliest : latest })),
  } as unknown as Admin
  const changelog = { storeName: 'store', topic: 'log', partition: 0, isSource }
  const offsets = committed === undefined ? [] : [{ topic: 'log', partition: 0, offset: committed, metadata: '' }]
  const owned = new OwnedTask(
    { subtopology: 0, partition: 0 },
    isStandby ? undefined : ({ inputs: [] } as unknown as Task),
    stores,
    [changelog],
    offsets,
  )
  const clock = new ManualClock()
  const limits = new CommitLimits(consumer, 'app', 100, clock, silentLogger)
  const restorer = new Restorer(consumer, admin, limits, clock, silentLogger)
  return {
    restorer,
    owned,
    state,
    restored,
    faults,
    position: () => position,
    clock,
    arrive: (batch: RecordBatch) => arriving.push(batch),
    moveTo: (offset: number) => {
      position = offset
    },
    failSeek: (error: Error) => {
      seekFault = error
    },
    isComplete: async () => (await restorer.step(0)).length === 1,
  }
}

const records = (count: number) => Array.from({ length: count }, () => ({ timestamp: 1, key: 'k', value: 'v' }))

describe('restoring', () => {
  test('an empty changelog is complete at once', async () => {
    const { restorer, owned, isComplete } = scene({ latest: 0 })
    await restorer.add([owned])
    expect(await isComplete()).toBe(true)
  })

  test('a changelog that was deleted to its end is complete at once', async () => {
    const { restorer, owned, isComplete } = scene({ earliest: 9, latest: 9 })
    await restorer.add([owned])
    expect(await isComplete()).toBe(true)
  })

  test('a store that is at the end of its changelog is complete immediately', async () => {
    const { restorer, owned, isComplete } = scene({ latest: 9, stored: 9 })
    await restorer.add([owned])
    expect(await isComplete()).toBe(true)
  })

  test('waits for the end, however long nothing comes', async () => {
    const { restorer, owned, isComplete, clock, arrive, restored } = scene({ latest: 4 })
    await restorer.add([owned])
    arrive(batchOf('log', 0, records(2)))
    expect(await isComplete()).toBe(false)
    clock.advance(600_000)
    expect(await isComplete()).toBe(false)
    arrive(batchOf('log', 2, records(2)))
    expect(await isComplete()).toBe(true)
    expect(restored).toEqual([0, 1, 2, 3])
  })

  test('is complete where the end is nothing but markers', async () => {
    const { restorer, owned, isComplete, arrive, moveTo } = scene({ latest: 4 })
    await restorer.add([owned])
    arrive(batchOf('log', 0, records(2)))
    await isComplete()
    moveTo(4)
    expect(await isComplete()).toBe(true)
  })

  test('a batch whose write fails with a retriable error is restored again', async () => {
    const { restorer, owned, isComplete, arrive, restored, faults, position } = scene({ latest: 4 })
    await restorer.add([owned])
    faults.push(new MillraceError('STORE_DISK_FULL', 'retriable', 'no room'))
    arrive(batchOf('log', 0, records(2)))
    arrive(batchOf('log', 2, records(2)))
    await expect(restorer.step(0)).rejects.toMatchObject({ code: 'STORE_DISK_FULL' })
    expect([restored, position()]).toEqual([[], 0])
    arrive(batchOf('log', 0, records(4)))
    expect(await isComplete()).toBe(true)
    expect(restored).toEqual([0, 1, 2, 3])
  })

  test('a batch that is neither restored nor put back ends it: the state does not count as complete', async () => {
    const { restorer, owned, arrive, faults, failSeek } = scene({ latest: 2 })
    await restorer.add([owned])
    faults.push(new MillraceError('STORE_DISK_FULL', 'retriable', 'no room'))
    failSeek(new MillraceError('DRIVER_CLOSED', 'fatal', 'closed'))
    arrive(batchOf('log', 0, records(2)))
    await expect(restorer.step(0)).rejects.toMatchObject({ code: 'DRIVER_CLOSED' })
  })

  test('takes of a source topic only what was committed', async () => {
    const { restorer, owned, isComplete, arrive, restored } = scene({ latest: 9, committed: 2, isSource: true })
    await restorer.add([owned])
    arrive(batchOf('log', 0, records(5)))
    expect(await isComplete()).toBe(true)
    expect(restored).toEqual([0, 1])
  })

  test('a standby takes of a source topic what is committed, and more as more is', async () => {
    const { restorer, owned, state, arrive, restored, position, clock } = scene({
      latest: 9,
      committed: 2,
      isSource: true,
      isStandby: true,
    })
    await restorer.add([owned])
    await restorer.step(0)
    expect(state.isPaused).toBe(true)
    await restorer.step(0)
    expect(state.isPaused).toBe(false)
    arrive(batchOf('log', 0, records(5)))
    await restorer.step(0)
    expect([restored, position()]).toEqual([[0, 1], 2])
    await restorer.step(0)
    expect(state.isPaused).toBe(true)
    state.committed = 4
    clock.advance(100)
    await restorer.step(0)
    await restorer.step(0)
    expect(state.isPaused).toBe(false)
    arrive(batchOf('log', 2, records(5)))
    await restorer.step(0)
    expect([restored, position()]).toEqual([[0, 1, 2, 3], 4])
  })

  test('a standby with its own changelog follows it to the end', async () => {
    const { restorer, owned, state, arrive, restored } = scene({ latest: 9, isStandby: true })
    await restorer.add([owned])
    arrive(batchOf('log', 0, records(3)))
    await restorer.step(0)
    expect([state.isPaused, restored]).toEqual([false, [0, 1, 2]])
  })

  test.each([
    ['ahead of its changelog', { latest: 5, stored: 6 }],
    ['behind what is left of it', { earliest: 4, latest: 9, stored: 3 }],
  ])('refuses a store that is %s, and takes up nothing of its task', async (_what, options) => {
    const { restorer, owned } = scene(options)
    const refused = await restorer.add([owned])
    expect(refused).toMatchObject([
      { code: 'TASK_CORRUPTED', consequence: 'task-corrupted', details: { taskId: '0_0' } },
    ])
    expect(restorer.isIdle).toBe(true)
  })
})
