import { CacheBudget } from '../../stores/cache-budget.ts'
import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin, Consumer, KafkaDriver, Producer, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import type { StateStore } from '../../stores/port.ts'
import type { OpenTaskStores } from '../../stores/task-stores.ts'
import type { Topology } from '../../topology/topology.ts'
import { BatchIntake } from '../thread/batch-intake.ts'
import { logPositionLoss, openConsumer } from '../thread/connections.ts'
import { nextTurn } from '../../core/event-loop.ts'
import { noStores } from '../task/no-stores.ts'
import { neverIdle } from '../task/partition-group.ts'
import { Retry } from '../thread/retry.ts'
import type { Settings } from '../settings.ts'
import { draftTask } from '../task/task-draft.ts'
import type { Task } from '../task/task.ts'
import type { GlobalStores } from '../task/task-host.ts'

const recordsPerTurn = 256
/** Not a task that the group assigns: the numbers of those begin at 0. */
export const globalTaskId = { subtopology: -1, partition: 0 } as const

/** Global processors have no outputs; as in Java, dead letters of global tables are not written either. */
function noProducer(logger: Logger): Producer {
  return {
    isFull: false,
    prepareTopics: () => Promise.resolve(),
    partitionCount: () => 1,
    send: (topic) => logger.warn({ topic }, 'dead letters of global tables are not written'),
    drained: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    acknowledgedOffset: () => undefined,
    close: () => Promise.resolve(),
  }
}

export interface GlobalTaskOptions {
  readonly topology: Topology
  readonly settings: Settings
  readonly driver: KafkaDriver
  readonly openStores: OpenTaskStores
  readonly clock: Clock
  readonly logger: Logger
  /** Partitions of the global topics. */
  readonly partitionCounts: ReadonlyMap<string, number>
}

/**
 * Keeps all global tables of a process: every partition of their topics, in memory, read from the start at each start
 * and complete before any task processes. `Application` makes it before the threads: `bootstrap`, then `follow` in the
 * background until `close`. All tasks of the process read its stores, none writes to them. It has its own consumer,
 * commits nothing and is in no group.
 */
export class GlobalTask implements GlobalStores {
  readonly #options: GlobalTaskOptions
  readonly #consumer: Consumer
  readonly #intake: BatchIntake
  readonly #retry: Retry
  readonly #inputs: readonly TopicPartition[]
  #task: Task | undefined
  #running: Promise<void> = Promise.resolve()
  #stopRequested = false

  constructor(options: GlobalTaskOptions) {
    this.#options = options
    const { topology, partitionCounts, driver, settings, clock, logger } = options
    this.#retry = new Retry('the global tables could not be read', settings.taskTimeoutMs, clock, logger)
    this.#inputs = [...new Set(topology.globalStores.values())].flatMap((topic) =>
      Array.from({ length: partitionCounts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
    )
    this.#consumer = openConsumer(
      driver,
      settings,
      `${settings.clientId}-global`,
      () => 'earliest',
      (loss) => logPositionLoss(logger, loss),
    )
    this.#intake = new BatchIntake(this.#consumer)
  }

  /** Once it is open. */
  get task(): Task | undefined {
    return this.#task
  }

  find(name: string): StateStore | undefined {
    return this.#options.topology.globalStores.has(name) ? this.#task?.findStore(name) : undefined
  }

  /**
   * Opens the stores and reads the topics up to where they end now. Rejects with GLOBAL_TABLE_STUCK when nothing comes
   * for `taskTimeoutMs`.
   */
  async bootstrap(admin: Admin): Promise<void> {
    const ends = await this.#retrying(() =>
      admin.listOffsets(
        this.#inputs.map((input) => ({ ...input, at: 'latest' as const })),
        'read_committed',
      ),
    )
    const open = new Map(ends.map((end) => [partitionKey(end.topic, end.partition), end]))
    this.#task = await this.#open()
    this.#consumer.assign(this.#inputs.map((input) => ({ ...input, offset: 'earliest' as const })))
    let before = -1
    let progressMs = this.#options.clock.monotonicMs()
    for (;;) {
      for (const [key, end] of open) if ((this.#consumer.position(end) ?? -1) >= end.offset) open.delete(key)
      if (open.size === 0 && this.#task.group.buffered === 0) return
      const { clock, settings } = this.#options
      const done = this.#task.counters.processed + this.#task.counters.dropped
      if (done !== before) progressMs = clock.monotonicMs()
      before = done
      if (clock.monotonicMs() - progressMs > settings.taskTimeoutMs)
        throw stuck([...open.keys()], settings.taskTimeoutMs)
      await this.#retrying(() => this.#round())
    }
  }

  /** The production task, on all partitions at once and without outputs. */
  async #open(): Promise<Task> {
    const { topology, settings, openStores, clock, logger } = this.#options
    const draft = draftTask({
      id: globalTaskId,
      topology,
      nodes: topology.subtopologies.flatMap(({ global, nodes }) => (global ? nodes : [])),
      storeNames: [...topology.globalStores.keys()],
      inputs: this.#inputs,
      settings: { ...settings, maxTaskIdleMs: neverIdle, deadLetterTopic: undefined },
      cacheBudget: new CacheBudget(settings.cacheBytesMax),
      directory: undefined,
      takeDirectory: () => undefined,
      heldRecords: undefined,
      producer: noProducer(logger),
      globalStores: { find: () => undefined },
      lag: () => 0,
      clock,
      logger,
    })
    const stores = draft.storesOptions.specs.length === 0 ? noStores : await openStores(draft.storesOptions)
    const task = draft.finish(stores, new Map())
    task.open([])
    return task
  }

  #retrying<T>(act: () => Promise<T>): Promise<T> {
    return this.#retry.insist(act, () => this.#stopRequested)
  }

  /** One poll and all that it brought; the stores have it when it resolves. */
  async #round(): Promise<void> {
    const task = this.#task as Task
    // Records that could not be processed come first: nothing else is fetched until then.
    const isBehind = task.group.buffered > 0
    if (!isBehind)
      await this.#intake.take(this.#options.settings.pollMs, async (batch) => {
        await task.resolve(batch)
        task.add(batch)
      })
    while (task.process(recordsPerTurn) > 0) await nextTurn()
    task.emitPending()
    await task.stores.apply(new Map())
    await nextTurn()
  }

  /** Follows the topics until `close`; `onFailure` hears of what ended it. */
  follow(onFailure: (error: unknown) => void): void {
    const run = async () => {
      while (!this.#stopRequested) await this.#retrying(() => this.#round())
    }
    this.#running = run().catch((error: unknown) => {
      if (!this.#stopRequested) onFailure(error)
    })
  }

  async close(): Promise<void> {
    this.#stopRequested = true
    this.#consumer.wakeup()
    await this.#running
    await this.#consumer.close()
    try {
      this.#task?.close()
    } finally {
      await this.#task?.stores.close()
    }
  }
}

function stuck(partitions: readonly string[], timeoutMs: number): MillraceError {
  return new MillraceError(
    'GLOBAL_TABLE_STUCK',
    'fatal',
    `global tables are not read to their end: no records came from ${partitions.join(', ')} for ${timeoutMs} ms (taskTimeoutMs): check that their brokers answer`,
  )
}
