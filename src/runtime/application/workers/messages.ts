import type { KafkaHealth } from '../../../kafka/port.ts'
import type { MetricValue } from '../../../operators/task-metrics.ts'
import type { RuntimeListener } from '../../listener.ts'
import type { ApplicationOptions } from '../../settings.ts'
import type { PreparedTopics } from '../../thread/internal-topic-manager.ts'
import type { StoreAnswer, StoreRead } from '../../thread/store-read.ts'
import type { StopOptions } from '../../thread/thread-handle.ts'
import type { TaskMetricValue, TaskStatus, ThreadStatus } from '../../thread/thread-status.ts'
import type { GroupProtocol } from '../../../kafka/port.ts'
import type { Question } from './channel.ts'
import type { PlainError } from './plain-error.ts'

/** What a worker thread imports to get its topology, as data that a message can carry. */
export interface ThreadModule {
  /** The URL of a module with a function `loadThreadParts`. */
  readonly loader: string
  /** What the function is called with. */
  readonly data: unknown
}

/** What a worker thread begins with. */
export interface IsolateStart {
  /** Of the thread, from 1. */
  readonly number: number
  /** Those of the application, without functions: these come from the module. */
  readonly options: ApplicationOptions
  readonly processId: string
  readonly groupProtocol: GroupProtocol
  readonly topics: PreparedTopics
  readonly module: ThreadModule
  /** Memory of `TaskClaims`. */
  readonly claims: SharedArrayBuffer
  /** Memory of the flag that says that the application is paused. */
  readonly pause: SharedArrayBuffer
  /** What the composition root of the worker thread makes driver and stores from. */
  readonly adapters: unknown
}

/** Counts of a thread as data; see `TaskCounters`. */
export interface PlainCounters {
  readonly processed: number
  readonly dropped: number
  readonly deadLetters: number
  readonly punctuated: number
  readonly produced: number
  readonly changelogged: number
  readonly dropsByTopic: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly metrics: readonly MetricValue[]
}

/** All that the application asks of a thread, at one moment. */
export interface ThreadSnapshot {
  readonly status: ThreadStatus
  readonly tasks: readonly TaskStatus[]
  readonly gauges: readonly TaskMetricValue[]
  readonly counters: PlainCounters
  readonly lags: ReadonlyMap<string, number | undefined>
  readonly kafka: KafkaHealth
}

/** A call of a listener; an error among its arguments is a `PlainError`. */
export interface ListenerCall {
  readonly method: keyof RuntimeListener
  readonly args: readonly unknown[]
}

export interface IsolateReport {
  readonly calls: readonly ListenerCall[]
  /** undefined: the thread is not made yet. */
  readonly snapshot: ThreadSnapshot | undefined
}

/** What the application tells a worker thread, and asks it. */
export interface HostMessages {
  readonly news: {
    /** Commits, leaves the group and ends. */
    readonly stop: StopOptions
    /** The topics that the topology reads are others now. */
    readonly topics: PreparedTopics
  }
  readonly questions: {
    readonly read: Question<StoreRead, StoreAnswer>
  }
}

/** What a worker thread tells the application, and asks it. */
export interface IsolateMessages {
  readonly news: {
    readonly log: {
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly fields: Readonly<Record<string, unknown>>
      readonly message: string
    }
    readonly report: IsolateReport
    /** The last message. */
    readonly ended: { readonly error: PlainError | undefined; readonly uncommitted: readonly string[] }
  }
  readonly questions: {
    /** Looks the topics up in the cluster. */
    readonly topics: Question<undefined, PreparedTopics>
    /** A token for SASL, which a function of the user returns. */
    readonly token: Question<undefined, string>
  }
}
