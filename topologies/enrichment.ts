import { json, type KStream, type Serde, string, type StreamsBuilder } from '../src/index.ts'
import type { EnrichedLog, Ownership } from './enriched-log.ts'
import { type EnrichmentSettings, enrichmentProcessor } from './enrichment-processor.ts'
import { type LogInput } from './log-input.ts'

export interface EnrichmentOptions extends EnrichmentSettings {
  readonly topic: string
  readonly input: Serde<LogInput>
  /** Topic of the catalog, keyed by service name; undefined: records stay without owner and tier. */
  readonly servicesTopic: string | undefined
}

/** Logs as they come, parsed, redacted, classed, and joined with the service catalog. */
export function enrichment(
  builder: StreamsBuilder,
  options: EnrichmentOptions,
): KStream<string, EnrichedLog, boolean, boolean> {
  const logs = builder
    .stream(options.topic, { name: 'logs', key: string(), value: options.input })
    .process(enrichmentProcessor(options), { name: 'enrich' })
  if (options.servicesTopic === undefined) return logs
  const services = builder.globalTable(options.servicesTopic, {
    name: 'services',
    key: string(),
    value: json<Ownership>(),
    store: 'services',
  })
  return logs.leftJoin(services, (_, log) => log.service, withOwner, { name: 'with-owner' })
}

/** In place: nobody else has the log yet. */
export function withOwner(log: EnrichedLog, entry: Ownership | null | undefined): EnrichedLog {
  if (entry != null) log.belongsTo(entry)
  return log
}
