import type { StreamsConfig } from '../app.ts'
import { versionedName } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'
import { withVersions } from './versioned-sinks.ts'

type Config = Omit<StreamsConfig, 'kafka'>

/** A crash repeats at most this much. */
const commitIntervalMaxMs = 1000
const dayMs = 86_400_000

/** The live application's settings under the names of the replay. */
export function shadowConfig(config: Config, plan: ReplayPlan, processId: string): Config {
  const { commitIntervalMs = commitIntervalMaxMs, windowStoreAdditionalRetentionMs = dayMs, sinks = [] } = config
  const { deadLetterTopic } = config
  return {
    ...config,
    applicationId: plan.shadowId,
    clientId: plan.shadowId,
    processId,
    groupInstanceId: undefined,
    commitIntervalMs: Math.min(commitIntervalMs, commitIntervalMaxMs),
    // Brokers delete by record time: what a window remembers of last year would be gone at once.
    windowStoreAdditionalRetentionMs: windowStoreAdditionalRetentionMs + ageMs(plan),
    // Inputs are merged by time because the end of each is known: nothing is waited for by the wall clock.
    maxTaskIdleMs: 0,
    windowIdleMs: 0,
    standbyReplicas: 0,
    offsetReset: 'earliest',
    offsetOutOfRange: 'fail',
    deadLetterTopic: deadLetterTopic === undefined ? undefined : versionedName(deadLetterTopic, plan),
    sinks: withVersions(sinks, plan),
  }
}

/**
 * Of a replay that repeats closings on idle input: a crash must not set the stream times back, and a closing emits
 * whenever it comes by the clock of the replay.
 */
export function closingConfig(shadow: Config): Config {
  return { ...shadow, keepStreamTime: true, windowEmitIntervalMs: 0, joinEmitIntervalMs: 0 }
}

/** How old the records of a plan may be when it is made. */
export function ageMs({ createdMs, range, warmUpMs }: ReplayPlan): number {
  const { fromMs } = range
  return fromMs === undefined || warmUpMs === 'everything' ? createdMs : Math.max(0, createdMs - fromMs + warmUpMs)
}
