import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import { ManualClock } from '../../../src/core/clock.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { OffsetAndMetadata } from '../../../src/kafka/port.ts'
import { decodeCommitMetadata } from '../../../src/runtime/task/commit-metadata.ts'
import { type ApplicationOptions, compileSettings } from '../../../src/runtime/settings.ts'
import { type TaskDraft, topicNamer } from '../../../src/runtime/task/task-draft.ts'
import type { Task } from '../../../src/runtime/task/task.ts'
import { string } from '../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { TaskStores } from '../../../src/stores/task-stores.ts'
import { batchOfOne, type CapturedRecord, CaptureProducer } from '../../../src/testing/capture.ts'
import { restoreFromLog } from '../../../src/testing/restore-from-log.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import type { Event } from './history.ts'
import { driverOptions, line } from './topology-play.ts'
import { draftPlainTask } from '../../support/plain-task.ts'

export interface RestartableOptions {
  readonly topology: Topology
  readonly settings: Pick<ApplicationOptions, 'changelogMode' | 'keepStreamTime'>
  /** undefined: all state in memory. Else a new folder for each task that starts without local state. */
  readonly newFolder: (() => string) | undefined
}

/** A topology as one task that commits after each record, and can be lost and restored from its changelogs. */
export class RestartableTask {
  readonly #options: RestartableOptions
  readonly #topicName: (name: string) => string
  readonly #inputTopics: ReadonlySet<string>
  readonly #producer = new CaptureProducer()
  readonly #changelogs = new Map<string, CapturedRecord[]>()
  readonly #nextOffsets = new Map<string, number>()
  /** Of internal topics: another task reads again what this one has not committed. */
  readonly #internal: { readonly offset: number; readonly record: CapturedRecord }[] = []
  #committed: readonly OffsetAndMetadata[] = []
  #draft: TaskDraft
  #stores: TaskStores
  #task: Task

  constructor(options: RestartableOptions) {
    this.#options = options
    this.#topicName = topicNamer(options.topology, 'app')
    const sources = [...options.topology.nodes.values()].flatMap((node) => (node.kind === 'source' ? [node] : []))
    const topics = sources.flatMap(({ topics: own }) => (own instanceof RegExp ? [] : own))
    this.#inputTopics = new Set(topics.map((topic) => this.#topicName(topic)))
    this.#draft = this.#newDraft()
    this.#stores = createTaskStores(this.#draft.storesOptions)
    this.#task = this.#open()
  }

  /** One record and all it causes, then a commit; what came to `out`. */
  async take({ topic, key, value, timestamp }: Event): Promise<readonly string[]> {
    this.#enqueue({ topic, key: bytesOf(key), value: bytesOf(value), timestamp, headers: noHeaders })
    const outputs = this.#drain()
    while (this.#task.process(1) > 0) outputs.push(...this.#drain())
    this.#task.emitPending()
    this.#stores.logDirty()
    outputs.push(...this.#drain())
    const offsets = new Map([...this.#changelogs].map(([store, records]) => [store, records.length]))
    await this.#stores.apply(offsets)
    this.#committed = this.#task.positions({ position: () => undefined, topicId: () => undefined })
    this.#task.committed()
    return outputs
  }

  /** The task dies and another one, without local state, takes its place. */
  async restart(): Promise<void> {
    await this.close()
    this.#draft = this.#newDraft()
    this.#stores = createTaskStores(this.#draft.storesOptions)
    for (const [store, records] of this.#changelogs) {
      await restoreFromLog(this.#stores, store, records, 0, records.length)
    }
    this.#task = this.#open()
    for (const { offset, record } of this.#internal) {
      const position = this.#committed.find(({ topic }) => topic === record.topic)?.offset ?? 0
      if (offset >= position) this.#task.add(batchOfOne(offset, record))
    }
  }

  async close(): Promise<void> {
    this.#task.close()
    await this.#stores.close()
  }

  #newDraft(): TaskDraft {
    const { topology, newFolder } = this.#options
    const settings = compileSettings({ applicationId: 'app', ...driverOptions, ...this.#options.settings }, 'test')
    const draft = draftPlainTask(topology, this.#producer, {
      inputs: [...this.#inputTopics].map((topic) => ({ topic, partition: 0 })),
      settings,
      cacheBudget: new CacheBudget(settings.cacheBytesMax),
      directory: newFolder?.(),
      // Ahead of all records: none of them is of the future.
      clock: new ManualClock(1_000_000),
    })
    return { ...draft, storesOptions: { ...draft.storesOptions, openEngine: openLmdbEngine } }
  }

  #open(): Task {
    const task = this.#draft.finish(this.#stores, new Map())
    task.open(
      this.#committed.map(({ topic, partition, offset, metadata }) => ({
        topic,
        partition,
        offset,
        metadata: decodeCommitMetadata(metadata),
      })),
    )
    return task
  }

  #enqueue(record: CapturedRecord): void {
    const offset = this.#nextOffsets.get(record.topic) ?? 0
    this.#nextOffsets.set(record.topic, offset + 1)
    this.#task.add(batchOfOne(offset, record))
  }

  /** Brings what was produced to where it belongs; what came to `out`. */
  #drain(): string[] {
    const outputs: string[] = []
    for (const record of this.#producer.take()) {
      const store = this.#draft.changelogs.find(({ topic }) => topic === record.topic)?.storeName
      if (store !== undefined) this.#changelogs.set(store, [...(this.#changelogs.get(store) ?? []), record])
      else if (this.#inputTopics.has(record.topic)) {
        this.#internal.push({ offset: this.#nextOffsets.get(record.topic) ?? 0, record })
        this.#enqueue(record)
      } else outputs.push(line(textOf(record.key), textOf(record.value), record.timestamp))
    }
    return outputs
  }
}

/** What came to `out` of each event, by a task that is lost before some of them. */
export async function restartedOutputs(
  options: RestartableOptions,
  events: readonly Event[],
  restartsAt: (index: number) => boolean,
): Promise<readonly (readonly string[])[]> {
  const task = new RestartableTask(options)
  const outputs: (readonly string[])[] = []
  for (const [index, event] of events.entries()) {
    if (restartsAt(index)) await task.restart()
    outputs.push(await task.take(event))
  }
  await task.close()
  return outputs
}

const text = string()
const bytesOf = (value: string | null) => (value === null ? null : text.serialize(value, '', noHeaders))
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : text.deserialize(bytes, '', noHeaders))
