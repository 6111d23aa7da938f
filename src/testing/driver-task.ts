import type { Clock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { Settings } from '../runtime/settings.ts'
import { noStores } from '../runtime/task/no-stores.ts'
import { draftTask } from '../runtime/task/task-draft.ts'
import type { Task } from '../runtime/task/task.ts'
import type { GlobalStores } from '../runtime/task/task-host.ts'
import type { CacheBudget } from '../stores/cache-budget.ts'
import { createTaskStores } from '../stores/create-task-stores.ts'
import type { OpenTaskStores } from '../stores/task-stores.ts'
import { matchesTopic } from '../topology/matches-topic.ts'
import type { SourceNode } from '../topology/node.ts'
import type { Topology } from '../topology/topology.ts'
import { batchOfOne, type CapturedRecord, type CaptureProducer, type CaptureSink } from './capture.ts'

/** What the tasks of a driver share. */
export interface DriverTaskParts {
  readonly topology: Topology
  readonly topicName: (name: string) => string
  readonly cacheBudget: CacheBudget
  readonly producer: CaptureProducer
  readonly sinks: ReadonlyMap<string, CaptureSink>
  readonly clock: Clock
  readonly logger: Logger
  readonly openStores: OpenTaskStores | undefined
}

/** Which part of the topology a task of the driver is. */
export interface DriverTaskSpec {
  readonly subtopology: number
  readonly nodes: readonly string[]
  readonly storeNames: readonly string[]
  readonly settings: Settings
  readonly globalStores: GlobalStores
}

/**
 * A production task as the test driver runs it: on partition 0, opened synchronously, each record at the next offset of
 * its topic. A record whose processing throws is skipped, so that the next call continues after it.
 */
export class DriverTask {
  readonly task: Task
  readonly #sources: readonly SourceNode[]
  readonly #topicName: (name: string) => string
  readonly #nextOffsets = new Map<string, number>()

  /** Throws ASYNC_STORES when the engine of the stores does not open synchronously. */
  constructor(parts: DriverTaskParts, { subtopology, nodes, storeNames, settings, globalStores }: DriverTaskSpec) {
    const { topology, topicName, cacheBudget, producer, sinks, clock, logger, openStores = createTaskStores } = parts
    this.#sources = nodes.map((name) => topology.nodes.get(name)).filter((node) => node?.kind === 'source')
    this.#topicName = topicName
    const topics = this.#sources.flatMap((source) => (source.topics instanceof RegExp ? [] : source.topics))
    const draft = draftTask({
      id: { subtopology, partition: 0 },
      topology,
      nodes,
      storeNames,
      inputs: topics.map((topic) => ({ topic: topicName(topic), partition: 0 })),
      settings,
      cacheBudget,
      directory: undefined,
      takeDirectory: () => undefined,
      heldRecords: undefined,
      producer,
      globalStores,
      lag: () => 0,
      clock,
      logger,
    })
    const stores = storeNames.length === 0 ? noStores : openStores(draft.storesOptions)
    if (stores instanceof Promise) {
      throw new MillraceError('ASYNC_STORES', 'fatal', 'the test driver needs stores that open synchronously')
    }
    this.task = draft.finish(stores, sinks)
    this.task.open([])
  }

  reads(topic: string): boolean {
    return this.#sources.some((source) => matchesTopic(source, topic, this.#topicName))
  }

  /** Adds a record that waits for `process`. */
  enqueue(record: CapturedRecord): void {
    const { topic } = record
    const offset = this.#nextOffsets.get(topic) ?? 0
    this.#nextOffsets.set(topic, offset + 1)
    this.task.addInputs([{ topic, partition: 0 }], [])
    this.#attempt(() => this.task.add(batchOfOne(offset, record)))
  }

  /** Processes one record; false when none waits. Throws what the record's processing throws. */
  process(): boolean {
    return this.#attempt(() => this.task.process(1)) > 0
  }

  /** As in the driver of Kafka Streams, a record that failed is not processed again. */
  #attempt<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      this.task.group.skipFailed(this.task.recordContext)
      throw error
    }
  }

  /** Ends the interval: caches are flushed, changelog records are captured, stores have everything. Then processors release. */
  commit(): void {
    const { task } = this
    try {
      task.emitPending()
    } catch (error) {
      throw duringCommit(error)
    }
    task.stores.logDirty()
    // Memory stores apply at once; reads see the interval's writes either way.
    void task.stores.apply(new Map())
    task.committed()
    task.release()
  }

  /** Closes processors, then stores, also where a processor throws; rejects with its error. */
  async close(): Promise<void> {
    try {
      this.task.close()
    } finally {
      await this.task.stores.close()
    }
  }
}

/** The error as it is; its details say that a cache handed the record on, as a commit makes it do. */
function duringCommit(error: unknown): unknown {
  if (!(error instanceof MillraceError)) return error
  const { code, consequence, message, cause, details } = error
  return new MillraceError(code, consequence, message, { cause, details: { ...details, phase: 'commit' } })
}
