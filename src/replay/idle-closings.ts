import type { Clock } from '../core/clock.ts'
import { type Consumer, type KafkaDriver, type OffsetAndMetadata, partitionKey } from '../kafka/port.ts'
import { decodeCommitMetadata } from '../runtime/task/commit-metadata.ts'
import { closingsKey, decodeIdleClosing, type IdleClosing, idleClosingsTopic } from '../runtime/task/idle-closing.ts'
import type { DueClosing, DueInput, RecordedClosings } from '../runtime/task/idle-player.ts'
import { matchesTopic } from '../topology/matches-topic.ts'
import { internalTopicName, type Topology } from '../topology/topology.ts'
import type { ReplayPlan } from './plan.ts'
import { readTopic } from './topic-contents.ts'

/** A closing with when it was written. */
interface Written extends IdleClosing {
  readonly atMs: number
}

/**
 * What the live application has closed on idle input, for the tasks of a replay: the closings that were committed, that
 * lie before the ends of the plan, and whose inputs the topology still reads.
 */
export class IdleClosings implements RecordedClosings {
  readonly #byTask: ReadonlyMap<string, readonly DueClosing[]>
  readonly #shadowId: string
  dueUpToMs = Number.NEGATIVE_INFINITY

  private constructor(byTask: ReadonlyMap<string, readonly DueClosing[]>, shadowId: string) {
    this.#byTask = byTask
    this.#shadowId = shadowId
  }

  /** Reads what is recorded; there is nothing where the live application has no `windowIdleMs`. */
  static async load(
    plan: ReplayPlan,
    topology: Topology,
    driver: KafkaDriver,
    consumer: Consumer,
    clock: Clock,
  ): Promise<IdleClosings> {
    const written: Written[] = []
    await readTopic(driver, clock, idleClosingsTopic(plan.applicationId), (batch, index) => {
      const value = batch.value(index)
      if (value !== null) written.push({ ...decodeIdleClosing(value), atMs: batch.timestamp(index) })
    })
    const places = new Map(
      written.flatMap(({ inputs }) => inputs.map((one) => [partitionKey(one.topic, one.partition), one])),
    )
    const committed = await consumer.committed(plan.applicationId, [...places.values()])
    const byTask = new Map<string, readonly DueClosing[]>()
    for (const [task, rows] of validClosings(written, committed)) {
      const due = rows.flatMap((row) => dueOf(row, plan, topology) ?? [])
      if (due.length > 0) byTask.set(task, due)
    }
    return new IdleClosings(byTask, plan.shadowId)
  }

  get isEmpty(): boolean {
    return this.#byTask.size === 0
  }

  of(taskId: string): readonly DueClosing[] {
    return this.#byTask.get(taskId) ?? []
  }

  /** When the first closing was recorded that no task of the replay has committed yet; undefined: all are repeated. */
  async firstLeftMs(consumer: Consumer): Promise<number | undefined> {
    let firstMs: number | undefined
    const tasks = [...this.#byTask.values()]
    const committed = await consumer.committed(
      this.#shadowId,
      tasks.flatMap(([first]) => first?.inputs ?? []),
    )
    const counts = countsOf(committed)
    for (const closings of tasks) {
      const done = Math.max(0, ...(closings[0]?.inputs ?? []).map((one) => counts.get(keyOf(one)) ?? 0))
      const next = closings.find(({ number }) => number > done)
      if (next !== undefined) firstMs = Math.min(firstMs ?? next.atMs, next.atMs)
    }
    return firstMs
  }
}

/**
 * By task, in order of their numbers. A closing counts if its interval was committed: the number of the last one that
 * was is in the metadata of the offsets. A later row with the same number or a lower one comes from an owner that began
 * again at an earlier commit. What a former owner writes after the next one has begun was never committed.
 */
export function validClosings(
  written: readonly Written[],
  committed: readonly OffsetAndMetadata[],
): ReadonlyMap<string, readonly Written[]> {
  const counts = countsOf(committed)
  const byTask = new Map<string, Written[]>()
  const writers = new Map<string, string[]>()
  for (const row of written) {
    const known = writers.get(row.task) ?? []
    writers.set(row.task, known)
    if (known.at(-1) !== row.writer) {
      if (known.includes(row.writer)) continue
      known.push(row.writer)
    }
    const rows = byTask.get(row.task) ?? []
    byTask.set(row.task, rows)
    while ((rows.at(-1)?.number ?? 0) >= row.number) rows.pop()
    rows.push(row)
  }
  for (const [task, rows] of byTask) {
    byTask.set(
      task,
      rows.filter(({ number, inputs }) => inputs.every((one) => number <= (counts.get(keyOf(one)) ?? number))),
    )
  }
  return byTask
}

/** By partition: how many closings its task has committed. */
function countsOf(committed: readonly OffsetAndMetadata[]): ReadonlyMap<string, number> {
  return new Map(
    committed.map((one) => [keyOf(one), decodeCommitMetadata(one.metadata).operatorState.get(closingsKey) ?? 0]),
  )
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return partitionKey(topic, partition)
}

/** undefined: the replay does not come so far, or reads something else. */
function dueOf(row: Written, plan: ReplayPlan, topology: Topology): DueClosing | undefined {
  const { task, number, advancedMs, atMs } = row
  if (atMs > plan.createdMs) return undefined
  const inputs: DueInput[] = []
  for (const { topic, partition, offset, timeMs } of row.inputs) {
    const shadow = shadowTopicOf(topic, plan, topology)
    if (!isReadBy(task, shadow, plan, topology)) return undefined
    if (shadow !== topic) {
      // Offsets of a repartition topic are its own; the record times are the same.
      if (timeMs >= endMs(plan)) return undefined
      inputs.push({ topic: shadow, partition, offset: undefined, timeMs })
      continue
    }
    const planned = plan.partitions.find((one) => one.topic === topic && one.partition === partition)
    if (planned === undefined || offset > planned.endOffset) return undefined
    inputs.push({ topic, partition, offset, timeMs })
  }
  return { number, advancedMs, atMs, inputs }
}

/** Nothing is read after this time. */
function endMs({ range, runOnMs }: ReplayPlan): number {
  return range.toMs === undefined ? Number.POSITIVE_INFINITY : range.toMs + runOnMs
}

/** A repartition topic under its name in the replay; any other topic as it is. */
function shadowTopicOf(topic: string, { applicationId, shadowId }: ReplayPlan, topology: Topology): string {
  const names = topology.repartitionTopics.keys()
  const name = [...names].find((one) => internalTopicName(applicationId, one) === topic)
  return name === undefined ? topic : internalTopicName(shadowId, name)
}

function isReadBy(task: string, topic: string, { shadowId }: ReplayPlan, topology: Topology): boolean {
  const id = Number(task.slice(0, task.indexOf('_')))
  const nodes = topology.subtopologies.find((one) => one.id === id)?.nodes ?? []
  const fullName = (name: string) => (topology.repartitionTopics.has(name) ? internalTopicName(shadowId, name) : name)
  return nodes.some((name) => {
    const node = topology.nodes.get(name)
    return node?.kind === 'source' && matchesTopic(node, topic, fullName)
  })
}
