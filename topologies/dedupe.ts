import { hash } from 'node:crypto'
import { type KStream, string } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

export interface DedupeOptions {
  /** How long an id is remembered, in event time. */
  readonly ttlMs: number
}

/** Drops a log that was seen before: by its event id, or by its content where it has none. */
export function dedupe<K>(
  logs: KStream<K, EnrichedLog, boolean, boolean>,
  options: DedupeOptions,
): KStream<K, EnrichedLog, boolean, boolean> {
  return logs.deduplicate({
    name: 'dedupe',
    store: 'seen',
    idSerde: string(),
    ttlMs: options.ttlMs,
    id: (_, log) => identityOf(log),
  })
}

/** Equal for two deliveries of one event: its id, or a hash of all that it says (but not of what the catalog added). */
export function identityOf(log: EnrichedLog): string {
  return log.eventId || hash('md5', log.said(), 'base64url')
}
