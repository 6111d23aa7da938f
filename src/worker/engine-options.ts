import type { ApplicationOptions } from '../runtime/settings.ts'
import { offsetResetOf } from './offset-reset.ts'
import type { WorkerSettings } from './worker-settings.ts'

const heartbeatIntervalMaxMs = 1000

/** The engine's options as the settings of a process decide them. */
export function engineOptionsOf(name: string, applicationId: string, settings: WorkerSettings): ApplicationOptions {
  const { kafka, deadLetterTopic } = settings
  const onError = deadLetterTopic === undefined ? 'fail' : 'continue'
  return {
    applicationId,
    clientId: `${kafka.clientId}-${name}`,
    groupInstanceId: kafka.groupInstanceId,
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    heartbeatIntervalMs: Math.min(heartbeatIntervalMaxMs, Math.floor(kafka.sessionTimeoutMs / 3)),
    stateDirectory: settings.state.directory,
    offsetReset: offsetResetOf(kafka.offsetReset),
    offsetOutOfRange: kafka.offsetOutOfRange,
    replicationFactor: kafka.replicationFactor,
    commitIntervalMs: settings.commitIntervalMs,
    processingGuarantee: settings.processingGuarantee,
    transactionTimeoutMs: settings.transactionTimeoutMs,
    memoryMegabytesMax: settings.memoryMegabytesMax,
    cacheBytesMax: settings.cacheBytesMax,
    windowIdleMs: settings.windowIdleMs,
    threads: settings.threads,
    threadKind: settings.threadKind,
    deserializationHandler: onError,
    processingHandler: onError,
    productionHandler: onError,
    deadLetterTopic,
  }
}
