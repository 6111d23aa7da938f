import type { CacheBudget } from '../../stores/cache-budget.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { Producer, TaskId, TopicPartition } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import { TaskClocks } from '../../operators/task-clocks.ts'
import type { Sink, SinkRejection } from '../../sinks/port.ts'
import { newRecordContext } from '../../stores/record-context.ts'
import type { TaskStores, TaskStoresOptions } from '../../stores/task-stores.ts'
import type { StoreSpec } from '../../stores/store-spec.ts'
import { changelogTopicName, internalTopicName } from '../../topology/topology.ts'
import type { Topology } from '../../topology/topology.ts'
import { compile } from './compile.ts'
import { newCounters, type TaskCounters } from '../counters.ts'
import { DropLog } from './drop-log.ts'
import type { HeldRecords } from '../state/held-records.ts'
import type { PartitionLag } from './partition-group.ts'
import type { ProcessorResources } from './node-context.ts'
import { RecordCollector } from './record-collector.ts'
import { RecordErrors } from './record-errors.ts'
import type { Settings } from '../settings.ts'
import { rejectInto } from './sink-rejects.ts'
import { Task } from './task.ts'
import { closesOnIdle } from './idle-closing.ts'
import type { RecordedClosings } from './idle-player.ts'
import type { RecordTracing } from './record-tracing.ts'
import type { TaskOptions } from './task.ts'
import type { GlobalStores } from './task-host.ts'

/**
 * All that a task is made of. `TaskLifecycle` gives it for active and standby tasks, `GlobalTask` and the test driver
 * for theirs.
 */
export interface TaskDraftOptions {
  readonly id: TaskId
  readonly topology: Topology
  /** Of the subtopology, sources included. */
  readonly nodes: readonly string[]
  /** Of stores that are part of the task; stores of global tables are found through `globalStores`. */
  readonly storeNames: readonly string[]
  readonly inputs: readonly TopicPartition[]
  readonly settings: Settings
  readonly cacheBudget: CacheBudget
  /** Where stores on disk are; undefined: none is. */
  readonly directory: string | undefined
  /** The same directory, made and kept for the task; undefined where state is in memory. */
  readonly takeDirectory: () => string | undefined
  /** undefined: nobody looks after records that end the process. */
  readonly heldRecords: HeldRecords | undefined
  readonly producer: Producer
  readonly globalStores: GlobalStores
  /** How far the consumer is behind in a partition. */
  readonly lag: PartitionLag
  /** Moves stream clocks of idle tasks in place of the wall clock: a replay. */
  readonly closings?: RecordedClosings | undefined
  /** undefined: nothing is traced. */
  readonly tracing?: RecordTracing | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** A task whose stores are still to be opened: first `storesOptions`, then `finish`. */
export interface TaskDraft {
  readonly storesOptions: TaskStoresOptions
  readonly changelogs: readonly TaskChangelog[]
  /** What the task's sinks do with documents that they refuse. */
  reject(sinkName: string): (rejection: SinkRejection) => void
  /** Makes the task on its open stores. Called once; the task itself makes its successor after an error. */
  finish(stores: TaskStores, sinks: ReadonlyMap<string, Sink>): Task
}

/** The topic partition that holds a store's history. */
export interface TaskChangelog extends TopicPartition {
  readonly storeName: string
  /** The topic is an input of the task as well: nothing is written to it, and only what was committed is restored. */
  readonly isSource: boolean
}

/** Full names: internal topics carry the application's prefix. */
export function topicNamer(topology: Topology, applicationId: string): (name: string) => string {
  return (name) => (topology.repartitionTopics.has(name) ? internalTopicName(applicationId, name) : name)
}

/** The changelogs of stores that have one: their own, or the source topic that serves as one. */
function changelogsOf(specs: readonly StoreSpec[], options: TaskDraftOptions): TaskChangelog[] {
  const { topology, settings, id } = options
  const topicName = topicNamer(topology, settings.applicationId)
  const changelogs: TaskChangelog[] = []
  for (const spec of specs) {
    if (spec.changelog === undefined) continue
    const source = spec.changelog.topic
    const topic = source === undefined ? changelogTopicName(settings.applicationId, spec.name) : topicName(source)
    changelogs.push({ storeName: spec.name, topic, partition: id.partition, isSource: source !== undefined })
  }
  return changelogs
}

function resourcesOf({ settings, takeDirectory }: TaskDraftOptions, { metrics }: TaskCounters): ProcessorResources {
  return { appConfigs: Object.freeze({ ...settings }), metricsOf: (nodeName) => metrics.of(nodeName), takeDirectory }
}

function graphOf({ topology, nodes, settings, tracing }: TaskDraftOptions) {
  const { applicationId, defaultTimestampExtractor } = settings
  return { topology, nodes, topicName: topicNamer(topology, applicationId), defaultTimestampExtractor, tracing }
}

/** Wires everything of a task that does not wait for anything. */
export function draftTask(options: TaskDraftOptions): TaskDraft {
  const { id, topology, settings, clock } = options
  const idText = taskIdText(id)
  const logger = options.logger.child({ task: idText })
  const specs = options.storeNames.map((name) => topology.stores.get(name) as StoreSpec)
  const changelogs = changelogsOf(specs, options)
  const recordContext = newRecordContext()
  const clocks = new TaskClocks()
  const counters = newCounters()
  const resources = resourcesOf(options, counters)
  const drops = new DropLog(counters, clock, logger)
  const written = changelogs.filter((changelog) => !changelog.isSource)
  const topicOfStore = new Map(written.map(({ storeName, topic }) => [storeName, topic]))
  const collector = new RecordCollector(options.producer, id.partition, topicOfStore, counters, clock)
  let task: Task | undefined
  const current = () => task?.currentRecord()
  const errors = new RecordErrors({ taskId: idText, topology }, settings, collector, drops, current, recordContext)
  const graph = { ...graphOf(options), collector, errors, drops, recordContext }
  return {
    changelogs,
    storesOptions: {
      taskId: idText,
      specs,
      directory: options.directory,
      changelog: collector,
      changelogTopic: (storeName) => changelogTopicName(settings.applicationId, storeName),
      changelogMode: settings.changelogMode,
      recordContext,
      clock,
      logger,
      cacheBudget: options.cacheBudget,
      onDropped: (storeName) => drops.drop('too old for the store', storeName, recordContext.topic),
    },
    reject: (sinkName) => rejectInto({ settings, topology, taskId: idText, sinkName, collector, drops }),
    finish(stores, sinks) {
      const remake: TaskOptions['remake'] = (inputs, commitBefore) => {
        task = new Task({
          id,
          settings,
          graph: compile(graph),
          inputs,
          commitBefore,
          stores,
          storeNames: options.storeNames,
          globalStores: options.globalStores,
          sinks,
          collector,
          errors,
          drops,
          counters,
          recordContext,
          clocks,
          clock,
          logger,
          resources,
          heldRecords: options.heldRecords,
          lag: options.lag,
          closings: options.closings,
          isIdleRecorded: closesOnIdle(settings, specs),
          remake,
        })
        return task
      }
      return remake(options.inputs, undefined)
    },
  }
}
