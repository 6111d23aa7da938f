import type { KStream } from '../src/index.ts'
import { string } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

export interface DedupeOptions {
  /** How long an id is remembered, in event time. */
  readonly ttlMs: number
}

/** Drops an event that was seen before, by its id within its service. A log without an id is always one of its own. */
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

/** Undefined: nothing tells this log from another one that says the same. */
export function identityOf({ eventId, service }: EnrichedLog): string | undefined {
  return eventId ? `${service}\n${eventId}` : undefined
}
