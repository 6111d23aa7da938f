import { MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { shown } from '../../core/shown.ts'
import { isTimestamp } from '../../core/timestamps.ts'
import type {
  Cancellable,
  OperatorContext,
  OperatorSettings,
  PunctuationType,
  Receiver,
} from '../../operators/operator.ts'
import type { TaskCommit, TaskTime } from '../../operators/task-time.ts'
import type { DocumentNumbers, TaskDocumentNumbers } from '../../sinks/document-numbers.ts'
import type { Sink } from '../../sinks/port.ts'
import type { StateStore } from '../../stores/port.ts'
import type { KeptRecord, RecordContext } from '../../stores/record-context.ts'
import type { ProcessorNode } from '../../topology/node.ts'
import type { ProcessorMetrics } from '../../topology/processor-metrics.ts'

/** What a task has for processors of the user. */
export interface ProcessorResources {
  readonly appConfigs: Readonly<Record<string, unknown>>
  metricsOf(nodeName: string): ProcessorMetrics
  /** The task's directory, made and kept for it; undefined where state is in memory. */
  takeDirectory(): string | undefined
}

/**
 * What a task offers to its nodes. `TaskHost` is the one in use; all of it is called by the thread of the task only.
 */
export interface NodeHost {
  readonly applicationId: string
  readonly idText: string
  readonly partition: number
  readonly recordContext: RecordContext
  readonly time: TaskTime
  readonly commit: TaskCommit
  readonly logger: Logger
  readonly operatorSettings: OperatorSettings
  readonly resources: ProcessorResources
  hasRecord(): boolean
  /** A store of this task, or a global one; undefined when there is none of that name. */
  findStore(name: string): StateStore | undefined
  isGlobalStore(name: string): boolean
  findSink(name: string): Sink | undefined
  readonly documentNumbers: TaskDocumentNumbers
  schedule(
    nodeName: string,
    intervalMs: number,
    type: PunctuationType,
    callback: (timestampMs: number) => void,
    startTimeMs: number | undefined,
  ): Cancellable
  dropped(nodeName: string, reason: string): void
  keepRecord(): KeptRecord | undefined
}

/**
 * One node's view of its task. Each operator gets one when the task is opened, and keeps it; errors of lookups name the
 * node, so that the message says which processor to mend. Record-path members are fields, not getters that ask the
 * host.
 */
export class NodeContext implements OperatorContext {
  readonly applicationId: string
  readonly taskId: string
  readonly partition: number
  readonly nodeName: string
  readonly output: Receiver
  readonly childNames: readonly string[]
  readonly recordContext: RecordContext
  readonly time: TaskTime
  readonly commit: TaskCommit
  readonly logger: Logger
  readonly settings: OperatorSettings
  readonly #host: NodeHost
  readonly #node: ProcessorNode
  readonly #children: ReadonlyMap<string, Receiver>

  constructor(host: NodeHost, node: ProcessorNode, output: Receiver, children: ReadonlyMap<string, Receiver>) {
    this.applicationId = host.applicationId
    this.taskId = host.idText
    this.partition = host.partition
    this.nodeName = node.name
    this.output = output
    this.childNames = node.children
    this.recordContext = host.recordContext
    this.time = host.time
    this.commit = host.commit
    this.logger = host.logger
    this.settings = host.operatorSettings
    this.#host = host
    this.#node = node
    this.#children = children
  }

  get metrics(): ProcessorMetrics {
    return this.#host.resources.metricsOf(this.nodeName)
  }

  get appConfigs(): Readonly<Record<string, unknown>> {
    return this.#host.resources.appConfigs
  }

  get stateDirectory(): string | undefined {
    return this.#host.resources.takeDirectory()
  }

  /** Throws UNKNOWN_CHILD (record). */
  child(name: string): Receiver {
    const child = this.#children.get(name)
    if (child !== undefined) return child
    throw new MillraceError(
      'UNKNOWN_CHILD',
      'record',
      `${this.nodeName} has no child named ${name}: its children are ${this.childNames.join(', ') || 'none'}`,
      { details: { taskId: this.taskId, operator: this.nodeName } },
    )
  }

  /** Throws STORE_NOT_CONNECTED (fatal) for stores that the processor does not name; global stores need no naming. */
  store(name: string): StateStore {
    const connected = this.#node.stores.includes(name) || this.#host.isGlobalStore(name)
    const store = connected ? this.#host.findStore(name) : undefined
    if (store !== undefined) return store
    throw new MillraceError(
      'STORE_NOT_CONNECTED',
      'fatal',
      `${this.nodeName} has no access to a store named ${name} (connected are ${this.#node.stores.join(', ') || 'none'}): list it in stores, in the options of the processor or in its supplier`,
      { details: { taskId: this.taskId, operator: this.nodeName, store: name } },
    )
  }

  /** Throws UNKNOWN_SINK (fatal). */
  sink(name: string): Sink {
    const sink = this.#host.findSink(name)
    if (sink !== undefined) return sink
    throw new MillraceError(
      'UNKNOWN_SINK',
      'fatal',
      `${this.nodeName} writes to a sink named ${name} that is not configured: give its factory to the application`,
      { details: { taskId: this.taskId, operator: this.nodeName, sink: name } },
    )
  }

  documentNumbers(sinkName: string): DocumentNumbers {
    return this.#host.documentNumbers.of(sinkName)
  }

  /** Whether a record is being processed, in contrast to a punctuation. */
  hasRecord(): boolean {
    return this.#host.hasRecord()
  }

  schedule(
    intervalMs: number,
    type: PunctuationType,
    callback: (timestampMs: number) => void,
    startTimeMs?: number,
  ): Cancellable {
    if (typeof intervalMs !== 'number' || !(intervalMs >= 1)) {
      throw new MillraceError(
        'PUNCTUATION_INTERVAL',
        'fatal',
        `${this.nodeName} schedules a punctuation every ${shown(intervalMs)} ms: the interval must be a number of 1 or more`,
      )
    }
    if (type !== 'stream-time' && type !== 'wall-clock-time') {
      throw new MillraceError(
        'PUNCTUATION_TYPE',
        'fatal',
        `${this.nodeName} schedules a punctuation of type ${shown(type)}: it must be 'stream-time' or 'wall-clock-time'`,
      )
    }
    if (typeof callback !== 'function') {
      throw new MillraceError(
        'PUNCTUATION_CALLBACK',
        'fatal',
        `${this.nodeName} schedules a punctuation with the callback ${shown(callback)}: pass a function`,
      )
    }
    if (startTimeMs !== undefined && !isTimestamp(startTimeMs)) {
      throw new MillraceError(
        'PUNCTUATION_START',
        'fatal',
        `${this.nodeName} schedules a punctuation from startTimeMs ${shown(startTimeMs)}: it must be whole milliseconds from 0 to 2^53 - 1`,
      )
    }
    return this.#host.schedule(this.nodeName, intervalMs, type, callback, startTimeMs)
  }

  /** Counts and logs a record that the operator does not process. */
  dropped(reason: string): void {
    this.#host.dropped(this.nodeName, reason)
  }

  /** For operators that emit later: what an error handler then gets to see of the record. */
  keepRecord(): KeptRecord | undefined {
    return this.#host.keepRecord()
  }
}
