import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { MillraceError } from '../../../../src/core/errors.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import type { Consumer, GroupMember, Producer } from '../../../../src/kafka/port.ts'
import type { AsyncOperator } from '../../../../src/operators/operator.ts'
import { Checkpoint } from '../../../../src/runtime/thread/checkpoint.ts'
import { AtLeastOnce } from '../../../../src/runtime/thread/at-least-once.ts'
import { PauseWatch } from '../../../../src/runtime/thread/pause-watch.ts'
import { draftPlainTask } from '../../../support/plain-task.ts'
import { OwnedTask } from '../../../../src/runtime/thread/owned-task.ts'
import type { Sink } from '../../../../src/sinks/port.ts'
import { noStores } from '../../../../src/runtime/task/no-stores.ts'
import type { TaskStores } from '../../../../src/stores/task-stores.ts'
import type { StoreSpec } from '../../../../src/stores/store-spec.ts'
import { batchOf } from '../batches.ts'
import { sketchTopology, text } from '../topology-fixture.ts'

type Step = 'emit' | 'flush sink' | 'log' | 'flush producer' | 'commit' | 'apply'

const spec = {
  kind: 'key-value',
  name: 'store',
  engine: 'memory',
  key: text,
  value: text,
  caching: false,
  changelog: { topic: undefined, configs: {} },
} as StoreSpec

/** One task that has processed a record, on parts that write down what the commit path asks of them. */
function scene(
  failing: Partial<Record<Step, MillraceError<string>>> = {},
  mode: { readonly needsOffsets?: boolean } = {},
) {
  const steps: string[] = []
  const step = (name: Step, text: string = name) => {
    steps.push(text)
    const error = failing[name]
    if (error !== undefined) throw error
  }
  const stores: TaskStores = {
    ...noStores,
    emitPending: () => step('emit'),
    logDirty: () => {
      step('log')
      return true
    },
    apply: async (offsets) => step('apply', `apply ${JSON.stringify([...offsets])}`),
  }
  const sink = {
    isFull: false,
    open: async () => {},
    add: () => {},
    pump: () => {},
    discard: () => {},
    close: async () => {},
    flush: async () => step('flush sink'),
  } as Sink
  const producer = {
    isFull: false,
    partitionCount: () => 1,
    send: () => {},
    flush: async () => step('flush producer'),
    acknowledgedOffset: () => 41,
  } as unknown as Producer
  const consumer = {
    position: () => undefined,
    topicId: () => undefined,
    commit: async (offsets: readonly { offset: number }[]) =>
      step('commit', `commit ${offsets.map(({ offset }) => offset).join()}`),
  } as unknown as Consumer
  const member = {
    metadata: () => ({ groupId: 'app', generation: 1, memberId: 'm', instanceId: undefined }),
  } as GroupMember
  const clock = new ManualClock()
  const topology = sketchTopology({ source: { kind: 'source', topics: ['in'] } }, [spec])
  const draft = draftPlainTask(topology, producer, { clock })
  const task = draft.finish(stores, new Map([['sink', sink]]))
  task.open([])
  const owned = new OwnedTask(task.id, task, stores, draft.changelogs, [])
  owned.run()
  const process = (offset: number) => {
    task.add(batchOf('in', offset, [{ timestamp: 1, key: 'k', value: 'v' }]))
    task.process(1)
  }
  process(6)
  const channel = { consumer, producer, member: () => member }
  const pauses = new PauseWatch(channel, 22_500, clock, silentLogger)
  const checkpoint = new Checkpoint(
    channel,
    Object.assign(new AtLeastOnce(channel), mode),
    pauses,
    5000,
    clock,
    silentLogger,
  )
  return { steps, owned, task, process, commit: (timeoutMs = 1000) => checkpoint.commit([owned], timeoutMs), clock }
}

const error = (consequence: MillraceError['consequence']) => new MillraceError<string>('TEST', consequence, 'test')

describe('commit', () => {
  test('goes its six steps in order, and the store learns what Kafka acknowledged', async () => {
    const { steps, owned, commit, task } = scene()
    expect(await commit()).toEqual([owned])
    expect(steps).toEqual([
      'emit',
      'flush sink',
      'flush producer',
      'log',
      'flush producer',
      'commit 7',
      'apply [["store",41]]',
    ])
    expect(task.needsCommit).toBe(false)
  })

  test('does not commit an offset twice', async () => {
    const { steps, commit } = scene()
    await commit()
    steps.length = 0
    await commit()
    expect(steps.filter((step) => step.startsWith('commit'))).toEqual([])
  })

  test('asks the group each time where something is released after it: an owner that is none any more must not release', async () => {
    const { steps, task, commit } = scene()
    Object.defineProperty(task, 'releases', { value: true })
    await commit()
    steps.length = 0
    await commit()
    expect(steps.filter((step) => step.startsWith('commit'))).toEqual(['commit 7'])
  })

  test('of a transaction repeats the offsets that the group has: without any, the group would not check the member', async () => {
    const { steps, commit } = scene({}, { needsOffsets: true })
    await commit()
    steps.length = 0
    await commit()
    expect(steps.filter((step) => step.startsWith('commit'))).toEqual(['commit 7'])
  })

  test('a sink that does not take its documents makes the task wait: no offset, no store', async () => {
    const { steps, owned, commit, task } = scene({ 'flush sink': error('retriable') })
    expect(await commit()).toEqual([])
    expect(steps).toEqual(['emit', 'flush sink'])
    expect([task.needsCommit, owned.commitWait.notBeforeMs]).toEqual([true, 1000])
  })

  test('output that is not acknowledged commits nothing and has the interval processed again', async () => {
    const { steps, commit } = scene({ 'flush producer': error('retriable') })
    await expect(commit()).rejects.toMatchObject({ code: 'OUTPUT_NOT_DELIVERED', consequence: 'task-migrated' })
    expect(steps.at(-1)).toBe('flush producer')
  })

  test('a refused commit does not reach the store', async () => {
    const { steps, commit } = scene({ commit: error('task-migrated') })
    await expect(commit()).rejects.toMatchObject({ code: 'TEST' })
    expect(steps.at(-1)).toBe('commit 7')
  })

  test('a store that could not be written rejects the next commit, before it logs anything', async () => {
    const { steps, commit, process } = scene({ apply: error('task-corrupted') })
    await commit()
    process(7)
    steps.length = 0
    await expect(commit()).rejects.toMatchObject({ code: 'TEST', consequence: 'task-corrupted' })
    expect(steps).toEqual(['emit', 'flush sink'])
  })

  test('that begins after a pause asks the group before it sends anything, until the group has answered', async () => {
    const failing: Parameters<typeof scene>[0] = {}
    const { steps, commit, process, clock } = scene(failing)
    await commit()
    process(7)
    clock.advance(30_000)
    failing.commit = error('retriable')
    steps.length = 0
    for (let time = 0; time < 2; time++) await expect(commit()).rejects.toMatchObject({ code: 'TEST' })
    expect(steps).toEqual(['commit 7', 'commit 7'])
    delete failing.commit
    await commit()
    expect(steps.slice(2, 4)).toEqual(['commit 7', 'emit'])
    expect(steps.filter((step) => step.startsWith('commit'))).toEqual(['commit 7', 'commit 7', 'commit 7', 'commit 8'])
  })

  test('a commit waits 20 ms for the asynchronous calls of a task, and 2 ms when it is known to wait: other tasks continue', async () => {
    const { task, owned, commit } = scene()
    const waits: number[] = []
    const operator = {
      pending: () => 1,
      drain: async (timeoutMs: number) => {
        waits.push(timeoutMs)
        throw new MillraceError('ASYNC_NOT_DRAINED', 'retriable', 'still awaits 1 result')
      },
    } as unknown as AsyncOperator
    const operators = task.asyncOperators as AsyncOperator[]
    operators.push(operator)
    for (let time = 0; time < 3; time++) expect(await commit()).toEqual([])
    expect(waits).toEqual([20, 2, 2])
    operators.pop()
    expect(await commit()).toEqual([owned])
  })

  test('waits a second for a write of local state that hangs, not for all of its time', async () => {
    const { owned, commit, process, clock } = scene()
    owned.stores.apply = () => new Promise(() => {})
    await commit()
    process(7)
    let result: unknown
    const second = commit(60_000).then((done) => (result = done))
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    clock.advance(999)
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(result).toBeUndefined()
    clock.advance(1)
    await second
    expect(result).toEqual([])
    expect(owned.commitWait.notBeforeMs).toBe(clock.monotonicMs() + 1000)
  })
})
