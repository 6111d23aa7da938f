import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { TracingOptions } from '../../core/tracing.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { SinkFactory } from '../../sinks/port.ts'
import type { OpenTaskStores } from '../../stores/task-stores.ts'
import type { Topology } from '../../topology/topology.ts'
import type { RuntimeListener } from '../listener.ts'
import type { RecordedClosings } from '../task/idle-player.ts'
import type { ThreadKind } from '../thread/thread-kind.ts'

/** What an application is made of; adapters come from the composition root. */
export interface ApplicationParts {
  readonly topology: Topology
  readonly driver: KafkaDriver
  readonly openStores: OpenTaskStores
  readonly sinks?: readonly SinkFactory[] | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
  readonly listener?: RuntimeListener | undefined
  /** What moves the stream clocks of idle tasks, in a replay. */
  readonly closings?: RecordedClosings | undefined
  /** Default: nothing is traced. */
  readonly tracing?: TracingOptions | undefined
  /** Default: threads on the event loop. */
  readonly threadKind?: ThreadKind | undefined
}
