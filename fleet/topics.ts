import type { NewTopic } from '../src/index.ts'

export interface FleetTopic {
  readonly name: string
  readonly partitions: number
  readonly retentionMs: number
  readonly cleanupPolicy: 'delete' | 'compact'
  readonly maxMessageBytes: number
}

const dayMs = 86_400_000
const mebibyte = 1024 * 1024
/** Room for records that are refused for their size, and for the headers that a dead letter adds. */
export const maxMessageBytes = 8 * mebibyte

function topic(name: string, partitions: number, retentionDays: number): FleetTopic {
  return Object.freeze({
    name,
    partitions,
    retentionMs: retentionDays * dayMs,
    cleanupPolicy: 'delete',
    maxMessageBytes,
  })
}

/** The last value of each key is kept. */
function table(name: string, partitions: number): FleetTopic {
  return Object.freeze({ name, partitions, retentionMs: -1, cleanupPolicy: 'compact', maxMessageBytes })
}

/** The topics of the fleet (spec section 2): inputs first, then what the fleet writes. */
export const topics = Object.freeze({
  application: topic('fastmcp-application-logs', 12, 7),
  audit: topic('fastmcp-audit-logs', 6, 30),
  performance: topic('fastmcp-performance-logs', 3, 3),
  /** Service catalog, a global table: service name to owner and tier. */
  services: table('fastmcp-services', 1),
  /** Closed windows of the error rates. */
  rates: topic('fastmcp-error-rates', 3, 7),
  /** Features of logs by service and window. */
  features: topic('logs.features', 3, 7),
  alerts: topic('fastmcp-alerts', 3, 7),
  criticalAlerts: topic('fastmcp-alerts-critical', 3, 7),
  /** What logs mean for the rules, summed up by log workers. */
  alertObservations: topic('fastmcp-alert-observations', 6, 1),
  /** What becomes of alerts, by key of the alert. */
  alertChanges: topic('fastmcp-alert-changes', 3, 7),
  /** Compacted, by id of the silence. */
  alertSilences: table('fastmcp-alert-silences', 1),
  /** By key of the notices that somebody takes care of. */
  alertAcknowledgements: topic('fastmcp-alert-acknowledgements', 3, 7),
  /** Compacted: alerts that silence others while they fire. */
  alertSources: table('fastmcp-alert-sources', 3),
  /** Alerts that fire and that changed routes lead elsewhere, by key of the alert. */
  alertMoves: topic('fastmcp-alert-moves', 3, 7),
  /** All that was sent to receivers, or would be if they had notifiers. */
  alertNotices: topic('fastmcp-alert-notices', 3, 7),
  /** Compacted, by name and key of the model: its versions, and which of them is used. */
  detectionModels: table('fastmcp-detection-models', 1),
  /** Compacted, by key of the alert: what people said of its alerts. */
  detectionLabels: table('fastmcp-detection-labels', 1),
  /** What should be done about alerts, for a program that does it. */
  responseActions: topic('fastmcp-response-actions', 3, 7),
  /** What scenarios of Make.com report of their executions. */
  executionEvents: topic('fastmcp-execution-events', 6, 7),
  /** Executions as they change, by scenario and execution. */
  executions: topic('fastmcp-executions', 6, 7),
  deadLetters: topic('fastmcp-dead-letters', 3, 30),
} satisfies Record<string, FleetTopic>)

/** The application of the worker that owns the alerts; its changelogs are named after it. */
export function alertsApplicationId({ groupPrefix }: { readonly groupPrefix: string }): string {
  return `${groupPrefix}-alerts`
}

/** Names that settings give. */
export interface NamedTopics {
  readonly deadLetters?: string | undefined
  /** Undefined: duplicates have no topic. */
  readonly duplicates?: string | undefined
  /** Undefined: nothing is written for the live tail. */
  readonly liveTail?: string | undefined
}

/** All of them as Kafka creates them, with the partitions and retention of the specification. */
export function fleetTopics(
  replicationFactor: number,
  { deadLetters = topics.deadLetters.name, duplicates, liveTail }: NamedTopics = {},
): readonly NewTopic[] {
  const named = [...Object.values(topics).filter((one) => one !== topics.deadLetters), topic(deadLetters, 3, 30)]
  if (duplicates !== undefined) named.push(topic(duplicates, 3, 7))
  if (liveTail !== undefined) named.push(topic(liveTail, 12, 1))
  return named.map(({ name, partitions, retentionMs, cleanupPolicy, maxMessageBytes: bytesMax }) => ({
    name,
    partitions,
    replicationFactor,
    configs: {
      'retention.ms': String(retentionMs),
      'cleanup.policy': cleanupPolicy,
      'max.message.bytes': String(bytesMax),
    },
  }))
}

export const inputTopics = Object.freeze([topics.application, topics.audit, topics.performance])
