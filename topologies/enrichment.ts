import type { EnrichedLog } from '../schemas/log-record.ts'
import { json, type KStream, type Serde, string, type StreamsBuilder } from '../src/index.ts'
import { type EnrichmentSettings, enrichmentProcessor } from './enrichment-processor.ts'
import { type LogInput } from './log-input.ts'

/** An entry of the service catalogue: who answers for a service. */
export interface ServiceEntry {
  readonly owner: string
  readonly tier: 'gold' | 'silver' | 'bronze'
}

export interface EnrichmentOptions extends EnrichmentSettings {
  readonly topic: string
  readonly input: Serde<LogInput>
  /** Topic of the catalogue, keyed by service name; undefined: records stay without owner and tier. */
  readonly servicesTopic: string | undefined
}

/** Logs as they come, parsed, redacted, classed, and joined with the service catalogue. */
export function enrichment(builder: StreamsBuilder, options: EnrichmentOptions): KStream<string, EnrichedLog> {
  const logs = builder
    .stream(options.topic, { name: 'logs', key: string(), value: options.input })
    .processValues(enrichmentProcessor(options), { name: 'enrich' })
  if (options.servicesTopic === undefined) return logs
  const services = builder.globalTable(options.servicesTopic, {
    name: 'services',
    key: string(),
    value: json<ServiceEntry>(),
    store: 'services',
  })
  return logs.leftJoin(services, (_, log) => log.service, withOwner, { name: 'with-owner' })
}

/** The log with what the catalogue says of its service. */
export function withOwner(log: EnrichedLog, entry: ServiceEntry | null | undefined): EnrichedLog {
  return entry == null ? log : { ...log, owner: entry.owner, tier: entry.tier }
}
