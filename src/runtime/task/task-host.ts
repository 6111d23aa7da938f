import type { Logger } from '../../core/logger.ts'
import { taskIdText, type TaskId } from '../../kafka/port.ts'
import type { Cancellable, OperatorSettings, PunctuationType } from '../../operators/operator.ts'
import type { TaskCommit, TaskTime } from '../../operators/task-time.ts'
import type { TaskDocumentNumbers } from '../../sinks/document-numbers.ts'
import type { Sink } from '../../sinks/port.ts'
import type { StateStore } from '../../stores/port.ts'
import type { KeptRecord, RecordContext } from '../../stores/record-context.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { Settings } from '../settings.ts'
import type { DropLog } from './drop-log.ts'
import type { NodeHost, ProcessorResources } from './node-context.ts'
import type { Punctuations } from './punctuation.ts'
import type { RecordErrors } from './record-errors.ts'

/** Global stores, shared by all tasks of a process and written by nobody but the global task. */
export interface GlobalStores {
  find(name: string): StateStore | undefined
}

/** What of a task its operators see. */
export interface TaskHostParts {
  readonly id: TaskId
  readonly settings: Settings
  readonly recordContext: RecordContext
  readonly logger: Logger
  readonly resources: ProcessorResources
  readonly stores: TaskStores
  readonly storeNames: readonly string[]
  readonly globalStores: GlobalStores
  readonly sinks: ReadonlyMap<string, Sink>
  readonly errors: RecordErrors
  readonly drops: DropLog
}

/** What a task offers to its nodes: lookups by name, and the capabilities of time and commit, handed through. */
export class TaskHost implements NodeHost {
  readonly applicationId: string
  readonly idText: string
  readonly partition: number
  readonly recordContext: RecordContext
  readonly logger: Logger
  readonly operatorSettings: OperatorSettings
  readonly resources: ProcessorResources
  readonly documentNumbers: TaskDocumentNumbers
  readonly time: TaskTime
  readonly commit: TaskCommit
  readonly hasRecord: () => boolean
  readonly #parts: TaskHostParts
  readonly #storeNames: ReadonlySet<string>
  readonly #punctuations: Punctuations

  constructor(
    parts: TaskHostParts,
    capabilities: Pick<TaskHost, 'time' | 'commit' | 'documentNumbers' | 'hasRecord'>,
    punctuations: Punctuations,
  ) {
    const { id, settings, recordContext, logger, resources, storeNames } = parts
    this.applicationId = settings.applicationId
    this.idText = taskIdText(id)
    this.partition = id.partition
    this.recordContext = recordContext
    this.logger = logger
    this.operatorSettings = settings
    this.resources = resources
    this.documentNumbers = capabilities.documentNumbers
    this.time = capabilities.time
    this.commit = capabilities.commit
    this.hasRecord = capabilities.hasRecord
    this.#parts = parts
    this.#storeNames = new Set(storeNames)
    this.#punctuations = punctuations
  }

  /** The task's own store comes before a global one of that name. */
  findStore(name: string): StateStore | undefined {
    return this.hasStore(name) ? this.#parts.stores.store(name) : this.#parts.globalStores.find(name)
  }

  hasStore(name: string): boolean {
    return this.#storeNames.has(name)
  }

  /** Global stores are visible to every processor, without being named. */
  isGlobalStore(name: string): boolean {
    return !this.hasStore(name) && this.#parts.globalStores.find(name) !== undefined
  }

  findSink(name: string): Sink | undefined {
    return this.#parts.sinks.get(name)
  }

  /** The first call is due at `startTimeMs`, or an interval after now, by the clock of the type. */
  schedule(
    nodeName: string,
    intervalMs: number,
    type: PunctuationType,
    callback: (timestampMs: number) => void,
    startTimeMs: number | undefined,
  ): Cancellable {
    const nowMs = type === 'stream-time' ? this.time.streamTimeMs() : this.time.clock.nowMs()
    return this.#punctuations.schedule(nodeName, intervalMs, type, nowMs, callback, startTimeMs)
  }

  dropped(nodeName: string, reason: string): void {
    const { topic, partition, offset } = this.recordContext
    this.#parts.drops.drop(reason, nodeName, topic, () => ({ partition, offset }))
  }

  keepRecord(): KeptRecord | undefined {
    return this.#parts.errors.keepRecord()
  }
}
