import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import type { AccessLog } from './access/access-log.ts'
import { alertsSection, analyticsSection, logsSection, type Section, streamsSection } from './access/sections.ts'
import { AlertDesk } from './alerts/alert-desk.ts'
import type { AlertDeskOptions } from './alerts/alert-desk-options.ts'
import { Analytics, type AnalyticsStatus } from './analytics/analytics.ts'
import { AnalyticsDesk } from './analytics/analytics-desk.ts'
import type { AnalyticsOptions } from './analytics/analytics-options.ts'
import type { Desk } from './desk.ts'
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
export function sectionsOf({ workers, analytics, alerts }: DeskOptions): readonly Section[] {
  return [
    logsSection,
    ...(workers === undefined ? [] : [streamsSection]),
    ...(analytics === undefined ? [] : [analyticsSection]),
    ...(alerts === undefined ? [] : [alertsSection]),
  ]
}

/** Rejects with ILLEGAL_ARGUMENT, and with what a topic that cannot be read rejects with. */
export async function openDesks(options: DeskOptions, world: DeskWorld): Promise<OpenDesks> {
  const { kafka, clock } = world
  const workers = options.workers && new WorkerDesk(new Workers(options.workers, clock), world)
  const numbers = options.analytics && (await Analytics.start(kafka, options.analytics, world))
  const analytics = numbers && new AnalyticsDesk(numbers, world)
  const alerts = options.alerts && (await startAlerts(options.alerts, world, numbers))
  return {
    desks: [workers, analytics, alerts].filter((desk) => desk !== undefined),
    ended: alerts?.ended ?? Promise.resolve(),
    analytics: () => numbers?.status(),
    async close() {
      await alerts?.close()
      await numbers?.close()
    },
  }
}

/** Where it does not start, what was started before is closed. */
async function startAlerts(
  options: AlertDeskOptions,
  world: DeskWorld,
  numbers: Analytics | undefined,
): Promise<AlertDesk> {
  try {
    return await AlertDesk.start(options, world)
  } catch (error) {
    await numbers?.close()
    throw error
  }
}
