import type { FleetReport, TaskReport, WorkerReport } from './fleet-report.ts'

/** What a topic does, for one application. */
export interface TopicFigures {
  /** Records per second that are written to it, by whomever; undefined until two reports have its ends. */
  readonly writtenPerSecond: number | undefined
  /** Records that are not committed yet; undefined: not known. */
  readonly lagRecords: number | undefined
  /** The age of the oldest of the next records. */
  readonly lagSeconds: number | undefined
}

export interface TaskFigures {
  readonly worker: string
  readonly task: TaskReport
  readonly perSecond: number | undefined
  readonly lagRecords: number
}

export interface StoreFigures {
  readonly store: string
  /** Of all tasks, standbys left out; undefined: this kind of store does not count them. */
  readonly rows: number | undefined
  /** While it is restored. */
  readonly restored: number
  readonly remaining: number
}

/** What all processes of an application do together, from one report and the one before it. */
export interface ApplicationFigures {
  readonly id: string
  readonly workers: readonly WorkerReport[]
  readonly topics: ReadonlyMap<string, TopicFigures>
  /** Records per second, by subtopology and topic: `0 orders`. */
  readonly reads: ReadonlyMap<string, number>
  /** Records per second that a subtopology writes to topics, changelogs left out. */
  readonly writes: ReadonlyMap<number, number>
  readonly tasks: readonly TaskFigures[]
  readonly stores: readonly StoreFigures[]
  readonly deadLetters: number
}

/** The applications of a report, by name. */
export function applicationsOf({ workers }: FleetReport): readonly string[] {
  return [...new Set(workers.flatMap(({ status }) => status?.applicationId ?? []))].sort()
}

/** `before`: an earlier report; undefined: there is none yet, and no rate. */
export function figuresOf(id: string, now: FleetReport, before: FleetReport | undefined): ApplicationFigures {
  const workers = workersOf(id, now)
  const earlier = before === undefined ? [] : workersOf(id, before)
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000
  const rates = new Rates(earlier, seconds)
  const [reads, writes] = [new Sums<string>(), new Sums<number>()]
  const tasks: TaskFigures[] = []
  for (const { worker, status } of workers) {
    for (const task of status?.tasks ?? []) {
      const subtopology = subtopologyOf(task)
      for (const partition of task.partitions)
        reads.add(`${subtopology} ${partition.topic}`, rates.read(task, partition))
      writes.add(subtopology, rates.counted(worker, task, 'produced'))
      const lagRecords = task.partitions.reduce((sum, partition) => sum + (partition.lagRecords ?? 0), 0)
      tasks.push({ worker, task, perSecond: rates.counted(worker, task, 'processed'), lagRecords })
    }
  }
  tasks.sort((left, right) => compareTasks(left.task.taskId, right.task.taskId))
  return {
    id,
    workers,
    topics: topicsOf(workers, rates),
    reads: reads.values,
    writes: writes.values,
    tasks,
    stores: storesOf(workers),
    deadLetters: workers.reduce((sum, { status }) => sum + (status?.totals.deadLetters ?? 0), 0),
  }
}

/** `0_11`: subtopology and partition. */
function subtopologyOf({ taskId }: TaskReport): number {
  return Number(taskId.split('_', 1)[0])
}

function compareTasks(left: string, right: string): number {
  const [[subtopology = 0, partition = 0], [other = 0, otherPartition = 0]] = [left, right].map((id) =>
    id.split('_').map(Number),
  ) as [number[], number[]]
  return subtopology - other || partition - otherPartition
}

function workersOf(id: string, { workers }: FleetReport): readonly WorkerReport[] {
  return workers.filter(({ status }) => status?.applicationId === id)
}

function topicsOf(workers: readonly WorkerReport[], rates: Rates): ReadonlyMap<string, TopicFigures> {
  const partitions = workers.flatMap(({ status }) => status?.tasks.flatMap((task) => task.partitions) ?? [])
  const topics = new Map<string, TopicFigures>()
  const [written, seen] = [new Sums<string>(), new Set<string>()]
  for (const partition of partitions) {
    const { topic, lagRecords, lagSeconds } = partition
    const known = topics.get(topic)
    // Two tasks may read one partition, which is written to once.
    const key = `${topic} ${partition.partition}`
    if (!seen.has(key)) written.add(topic, rates.written(partition))
    seen.add(key)
    topics.set(topic, {
      writtenPerSecond: written.values.get(topic),
      lagRecords: sum(known?.lagRecords, lagRecords),
      lagSeconds: lagSeconds === undefined ? known?.lagSeconds : Math.max(known?.lagSeconds ?? 0, lagSeconds),
    })
  }
  return topics
}

function storesOf(workers: readonly WorkerReport[]): readonly StoreFigures[] {
  const stores = new Map<string, { rows: number | undefined; restored: number; remaining: number }>()
  const of = (store: string) => {
    const known = stores.get(store) ?? { rows: undefined, restored: 0, remaining: 0 }
    stores.set(store, known)
    return known
  }
  for (const { status } of workers) {
    for (const { state, stores: sizes = [] } of status?.tasks ?? [])
      for (const { store, rows } of sizes) {
        const known = of(store)
        if (state !== 'STANDBY') known.rows = sum(known.rows, rows)
      }
    for (const { restoring } of status?.threads ?? [])
      for (const { store, restored, remaining } of restoring) {
        const known = of(store)
        known.restored += restored
        known.remaining += remaining
      }
  }
  return [...stores].map(([store, figures]) => ({ store, ...figures }))
}

function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined && right === undefined ? undefined : (left ?? 0) + (right ?? 0)
}

class Sums<Key> {
  readonly values = new Map<Key, number>()

  add(key: Key, value: number | undefined): void {
    if (value !== undefined) this.values.set(key, (this.values.get(key) ?? 0) + value)
  }
}

type Partition = TaskReport['partitions'][number]

/** Differences from an earlier report, per second. */
class Rates {
  readonly #seconds: number
  readonly #positions = new Map<string, number>()
  readonly #ends = new Map<string, number>()
  readonly #counts = new Map<string, TaskReport>()

  constructor(workers: readonly WorkerReport[], seconds: number) {
    this.#seconds = seconds
    for (const { worker, status } of workers)
      for (const task of status?.tasks ?? []) {
        this.#counts.set(`${worker} ${task.taskId}`, task)
        for (const { topic, partition, position, endOffset } of task.partitions) {
          if (position !== undefined) this.#positions.set(`${task.taskId} ${topic} ${partition}`, position)
          if (endOffset !== undefined) this.#ends.set(`${topic} ${partition}`, endOffset)
        }
      }
  }

  /** Offsets go on where a task moves to another process. */
  read({ taskId }: TaskReport, { topic, partition, position }: Partition): number | undefined {
    return this.#perSecond(position, this.#positions.get(`${taskId} ${topic} ${partition}`))
  }

  written({ topic, partition, endOffset }: Partition): number | undefined {
    return this.#perSecond(endOffset, this.#ends.get(`${topic} ${partition}`))
  }

  /** Counters begin again with each process. */
  counted(worker: string, task: TaskReport, name: 'processed' | 'produced'): number | undefined {
    return this.#perSecond(task[name], this.#counts.get(`${worker} ${task.taskId}`)?.[name])
  }

  #perSecond(now: number | undefined, before: number | undefined): number | undefined {
    if (now === undefined || before === undefined || now < before || this.#seconds <= 0) return undefined
    return (now - before) / this.#seconds
  }
}
