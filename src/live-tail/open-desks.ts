import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import type { AccessLog } from './access/access-log.ts'
import { analyticsSection, logsSection, type Section, streamsSection } from './access/sections.ts'
import { Analytics, type AnalyticsStatus } from './analytics/analytics.ts'
import { AnalyticsDesk } from './analytics/analytics-desk.ts'
import type { AnalyticsOptions } from './analytics/analytics-options.ts'
import type { Desk } from './desk.ts'
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
}

/** What desks need. */
export interface DeskWorld {
  readonly kafka: KafkaDriver
  readonly reception: Reception
  readonly accesses: AccessLog
  readonly clock: Clock
  readonly logger: Logger
}

/** The desks that the options ask for. */
export interface OpenDesks {
  readonly desks: readonly Desk[]
  /** Undefined: there are no numbers for dashboards. */
  analytics(): AnalyticsStatus | undefined
  close(): Promise<void>
}

/** The sections of the console that the options ask for. */
export function sectionsOf({ workers, analytics }: DeskOptions): readonly Section[] {
  return [
    logsSection,
    ...(workers === undefined ? [] : [streamsSection]),
    ...(analytics === undefined ? [] : [analyticsSection]),
  ]
}

/** Rejects with ILLEGAL_ARGUMENT, and with what a topic that cannot be read rejects with. */
export async function openDesks(options: DeskOptions, world: DeskWorld): Promise<OpenDesks> {
  const { kafka, clock } = world
  const workers = options.workers && new WorkerDesk(new Workers(options.workers, clock), world)
  const numbers = options.analytics && (await Analytics.start(kafka, options.analytics, world))
  const analytics = numbers && new AnalyticsDesk(numbers, world)
  return {
    desks: [workers, analytics].filter((desk) => desk !== undefined),
    analytics: () => numbers?.status(),
    close: async () => numbers?.close(),
  }
}
