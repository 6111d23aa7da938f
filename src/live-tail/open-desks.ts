import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import type { AccessLog } from './access/access-log.ts'
import {
  alertsSection,
  analyticsSection,
  executionsSection,
  logsSection,
  type Section,
  streamsSection,
} from './access/sections.ts'
import { AlertDesk } from './alerts/alert-desk.ts'
import type { AlertDeskOptions } from './alerts/alert-desk-options.ts'
import { Analytics, type AnalyticsStatus } from './analytics/analytics.ts'
import { AnalyticsDesk } from './analytics/analytics-desk.ts'
import type { AnalyticsOptions } from './analytics/analytics-options.ts'
import { Closing } from './closing.ts'
import type { Desk } from './desk.ts'
import { ExecutionDesk } from './executions/execution-desk.ts'
import { Executions } from './executions/executions.ts'
import type { LiveTail } from './live-tail.ts'
import type { Reception } from './reception.ts'
import { WorkerDesk } from './workers/worker-desk.ts'
import type { WorkersOptions } from './workers/worker-options.ts'
import { Workers } from './workers/workers.ts'

/** What a live tail serves besides lines. */
export interface DeskOptions {
  /**
   * Workers whose topologies, tasks and records the console shows to `operations`; their HTTP servers are asked. Default:
   * none.
   */
  readonly workers?: WorkersOptions | undefined
  /** Numbers of the last hours for dashboards, `GET /analytics`, from topics that somebody counts into. Default: none. */
  readonly analytics?: AnalyticsOptions | undefined
  /** Alerts that are shown and handled, `GET /alerts`, `GET /alerts/stream` and `POST /alerts/verbs`. Default: none. */
  readonly alerts?: AlertDeskOptions | undefined
  /** The topic of executions, which are shown to `operations` and `developers`, `GET /executions`. Default: none. */
  readonly executionsTopic?: string | undefined
}

/** What desks need. */
export interface DeskWorld {
  readonly kafka: KafkaDriver
  readonly tail: LiveTail
  readonly reception: Reception
  readonly accesses: AccessLog
  readonly clock: Clock
  readonly logger: Logger
}

/** The desks that the options ask for. */
export interface OpenDesks {
  readonly desks: readonly Desk[]
  /** Resolves when they are closed; rejects when one of them cannot read any longer. */
  readonly ended: Promise<void>
  /** Undefined: there are no numbers for dashboards. */
  analytics(): AnalyticsStatus | undefined
  close(): Promise<void>
}

/** The sections of the console that the options ask for. */
export function sectionsOf({ workers, analytics, alerts, executionsTopic }: DeskOptions): readonly Section[] {
  return [
    logsSection,
    ...(workers === undefined ? [] : [streamsSection]),
    ...(analytics === undefined ? [] : [analyticsSection]),
    ...(alerts === undefined ? [] : [alertsSection]),
    ...(executionsTopic === undefined ? [] : [executionsSection]),
  ]
}

/** Rejects with ILLEGAL_ARGUMENT, and with what a topic that cannot be read rejects with. */
export async function openDesks(options: DeskOptions, world: DeskWorld): Promise<OpenDesks> {
  const { kafka, clock } = world
  const { heartbeatMs, masks } = world.tail.config
  const { executionsTopic: topic } = options
  const workers = options.workers && new WorkerDesk(new Workers(options.workers, clock), { ...world, heartbeatMs })
  const parts = new Closing()
  try {
    const numbers = options.analytics && parts.keep(await Analytics.start(kafka, options.analytics, world))
    const analytics = numbers && new AnalyticsDesk(numbers, world)
    const alerts = options.alerts && parts.keep(await AlertDesk.start(options.alerts, world))
    const read = topic === undefined ? undefined : parts.keep(await Executions.open(kafka, { ...world, topic }))
    const executions = read && new ExecutionDesk(read, { ...world, masks })
    return {
      desks: [workers, analytics, alerts, executions].filter((desk) => desk !== undefined),
      ended: Promise.all([alerts?.ended, read?.ended]).then(() => {}),
      analytics: () => numbers?.status(),
      close: () => parts.close(),
    }
  } catch (error) {
    await parts.close()
    throw error
  }
}
