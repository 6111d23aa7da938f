import { hours, type KStream, seconds, string } from '../../src/index.ts'
import type { Redactor } from '../../src/pipelines/index.ts'
import type { EnrichedLog } from '../enriched-log.ts'
import { identifyProcessor } from './identify-processor.ts'

/** What tells one log from another: its id; its id or what it says; nothing. */
export const dedupeModes = ['id', 'content', 'none'] as const
export type DedupeMode = (typeof dedupeModes)[number]

export interface DedupeOptions {
  readonly by: DedupeMode
  /** How long a log is remembered, in event time. */
  readonly ttlMs: number
  /** Equal logs that Kafka received within this time are one delivery: each of them is an event of its own. */
  readonly deliveryMs: number
  /** Where duplicates go; undefined: nowhere. */
  readonly topic: string | undefined
}

export const defaultDedupe: DedupeOptions = Object.freeze({
  by: 'id',
  ttlMs: hours(1),
  deliveryMs: seconds(5),
  topic: undefined,
})

const operator = 'dedupe'
const toTopic = 'duplicates'
const summaries = 'repeated-errors'

/** Logs without their duplicates. */
export interface Deduplicated {
  readonly logs: KStream<string, EnrichedLog, boolean, boolean>
  /** What sinks are to write: the logs, and those that sum up errors which were dropped. */
  readonly documents: KStream<string, EnrichedLog, boolean, boolean>
}

/**
 * Drops logs that were delivered before, counts them by source, sums up the errors among them, and writes them to a topic
 * where one is named.
 */
export function dedupe(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  options: DedupeOptions,
  redactor: Redactor,
): Deduplicated {
  const { by, ttlMs, topic } = options
  if (by === 'none') return { logs, documents: logs }
  const duplicatesNode = topic === undefined ? undefined : toTopic
  const nodes = { passedTo: operator, droppedTo: duplicatesNode, summedUpTo: summaries }
  const identify = identifyProcessor({ ...options, by, redactor, ...nodes })
  const identified = logs.process(identify, { name: 'identify' })
  if (topic !== undefined) {
    identified
      .mapValues(({ log }) => log.toText(), { name: toTopic })
      .to(topic, { name: 'to-duplicates', key: string(), value: string() })
  }
  const passed = identified
    .deduplicate({
      name: operator,
      store: 'seen',
      idSerde: string(),
      ttlMs,
      id: (_, { identity }) => identity?.text,
    })
    .mapValues((one) => one.pass(), { name: 'passed' })
  const repeated = identified.mapValues(({ log }) => log, { name: summaries })
  return { logs: passed, documents: passed.merge(repeated, { name: 'documents' }) }
}
