import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { SinkFactory } from '../../sinks/port.ts'
import type { OpenTaskStores } from '../../stores/task-stores.ts'
import type { Topology } from '../../topology/topology.ts'
import type { HeldRecords } from '../state/held-records.ts'
import type { RuntimeListener } from '../listener.ts'
import type { Settings } from '../settings.ts'
import type { MemoryWatch } from './memory-watch.ts'
import type { SourceTopics } from './source-topics.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { RecordedClosings } from '../task/idle-player.ts'
import type { RecordTracing } from '../task/record-tracing.ts'
import type { GlobalStores } from '../task/task-host.ts'

/** What all threads of a process share. */
export interface ThreadEnvironment {
  readonly settings: Settings
  /** The same after a restart where state is kept in a directory. */
  readonly processId: string
  readonly topology: Topology
  readonly topics: SourceTopics
  readonly driver: KafkaDriver
  readonly openStores: OpenTaskStores
  readonly sinks: ReadonlyMap<string, SinkFactory>
  readonly stateDirectory: StateDirectory
  readonly heldRecords: HeldRecords
  readonly globalStores: GlobalStores
  /** Moves stream clocks of idle tasks in place of the wall clock; undefined: this is no replay, or nothing was recorded. */
  readonly closings: RecordedClosings | undefined
  /** undefined: nothing is traced. */
  readonly tracing: RecordTracing | undefined
  readonly memory: MemoryWatch
  readonly clock: Clock
  readonly logger: Logger
  readonly listener: RuntimeListener
  /** While true, threads process no record and call no punctuation; they read ahead, restore and commit. */
  readonly isPaused: () => boolean
  /** The same for worker threads. */
  readonly pauseMemory: SharedArrayBuffer
}
