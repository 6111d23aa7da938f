import { describe, expect, test } from '@jest/globals'
import { applicationsOf, figuresOf } from '../../../console/react/fleet/application-figures.ts'
import { edgesOf } from '../../../console/react/fleet/edges.ts'
import type { FleetReport, TaskReport, WorkerStatus } from '../../../console/react/fleet/fleet-report.ts'

const task = (taskId: string, more: Partial<TaskReport> = {}): TaskReport => ({
  taskId,
  thread: 'thread-1',
  state: 'RUNNING',
  partitions: [],
  processed: 0,
  produced: 0,
  sinks: [],
  ...more,
})
const orders = (position: number, endOffset: number) => [
  { topic: 'orders', partition: 0, position, endOffset, lagRecords: endOffset - position, lagSeconds: 2 },
]
const worker = (name: string, tasks: readonly TaskReport[], more: Partial<WorkerStatus> = {}) => ({
  worker: name,
  status: {
    applicationId: 'shop',
    state: 'RUNNING',
    isPaused: false,
    threads: [],
    tasks,
    totals: { deadLetters: 1, droppedByReason: {} },
    ...more,
  },
})
const report = (atMs: number, ...workers: FleetReport['workers']): FleetReport => ({
  atMs,
  workers,
  faults: [],
  leftOut: 0,
  tapNeedsReason: false,
})

describe('figures of an application', () => {
  test('are differences of two reports per second, also of a task that has moved', () => {
    const before = report(1000, worker('a', [task('0_0', { partitions: orders(100, 150), processed: 100 })]))
    const now = report(3000, worker('b', [task('0_0', { partitions: orders(160, 250), processed: 60 })]))
    const { reads, topics, tasks } = figuresOf('shop', now, before)
    expect(reads.get('0 orders')).toBe(30)
    expect(topics.get('orders')).toEqual({ writtenPerSecond: 50, lagRecords: 90, lagSeconds: 2 })
    expect(tasks.map(({ worker: where, perSecond }) => [where, perSecond])).toEqual([['b', undefined]])
  })

  test('have no rate before there are two reports', () => {
    const { reads, topics } = figuresOf(
      'shop',
      report(1, worker('a', [task('0_0', { partitions: orders(1, 2) })])),
      undefined,
    )
    expect([reads.size, topics.get('orders')?.writtenPerSecond]).toEqual([0, undefined])
  })

  test('count what is written to a partition once, whoever reads it', () => {
    const tasks = (position: number) => ['0_0', '1_0'].map((id) => task(id, { partitions: orders(position, position) }))
    const figures = figuresOf('shop', report(2000, worker('a', tasks(20))), report(1000, worker('a', tasks(10))))
    expect(figures.topics.get('orders')?.writtenPerSecond).toBe(10)
    expect([...figures.reads]).toEqual([
      ['0 orders', 10],
      ['1 orders', 10],
    ])
  })

  test('sum the rows of a store without its standbys, and say how far it is restored', () => {
    const stores = [{ store: 'totals', rows: 7 }]
    const restoring = [{ taskId: '0_2', store: 'totals', restored: 10, remaining: 30 }]
    const threads = [{ name: 'thread-1', state: 'STARTING', phase: 'restoring', restoring }]
    const figures = figuresOf(
      'shop',
      report(1, worker('a', [task('0_0', { stores }), task('0_1', { stores, state: 'STANDBY' })], { threads })),
      undefined,
    )
    expect(figures.stores).toEqual([{ store: 'totals', rows: 7, restored: 10, remaining: 30 }])
  })

  test('are those of one application, in the order of its tasks', () => {
    const other = worker('c', [], { applicationId: 'mail' })
    const now = report(1, worker('a', [task('0_10'), task('0_2')]), other, { worker: 'd', reason: 'no answer' })
    expect(applicationsOf(now)).toEqual(['mail', 'shop'])
    const { tasks, workers, deadLetters } = figuresOf('shop', now, undefined)
    expect(tasks.map((one) => one.task.taskId)).toEqual(['0_2', '0_10'])
    expect([workers.length, deadLetters]).toEqual([1, 1])
  })
})

describe('edges of a topology', () => {
  const item = (kind: 'topic' | 'source' | 'processor' | 'sink' | 'store', text: string, subtopology?: number) => ({
    id: `${kind === 'topic' || kind === 'store' ? kind : 'node'} ${text}`,
    kind,
    text,
    hint: text,
    subtopology,
  })
  const records = (from: string, to: string) => ({ from, to, kind: 'records' as const })
  const graph = {
    items: [
      item('topic', 'orders'),
      item('source', 'in', 0),
      item('processor', 'sum', 0),
      item('store', 'totals', 0),
      item('sink', 'out', 0),
      item('topic', 'by-customer'),
    ],
    arrows: [
      records('topic orders', 'node in'),
      records('node in', 'node sum'),
      { from: 'node sum', to: 'store totals', kind: 'store' as const },
      records('node sum', 'node out'),
      records('node out', 'topic by-customer'),
    ],
  }
  const reportAt = (second: number) => {
    const count = second * 10
    const internal = { topic: 'shop-by-customer', partition: 0, position: count, endOffset: count, lagRecords: 0 }
    return report(
      second * 1000,
      worker('a', [
        task('0_0', { partitions: orders(count * 2, count * 2), produced: count }),
        task('1_0', { partitions: [internal] }),
      ]),
    )
  }

  test('have the rate of what is read and written, and none between nodes of a task', () => {
    const edges = edgesOf(graph, figuresOf('shop', reportAt(2), reportAt(1)))
    expect(edges.map(({ from, to, perSecond }) => [from.text, to.text, perSecond])).toEqual([
      ['orders', 'in', 20],
      ['in', 'sum', undefined],
      ['sum', 'totals', undefined],
      ['sum', 'out', undefined],
      ['out', 'by-customer', 10],
    ])
  })

  test('can be tapped where a topic is, with the name that it has in Kafka', () => {
    const edges = edgesOf(graph, figuresOf('shop', reportAt(2), undefined))
    expect(edges.map(({ tap }) => tap)).toEqual(['orders', undefined, 'sum', undefined, 'shop-by-customer'])
  })
})
