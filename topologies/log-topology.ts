import { defineTopology, minutes, seconds, type TopologyDefinition } from '../src/index.ts'
import { type GatherOptions, gather } from './alerting/gather.ts'
import { type DedupeOptions, dedupe } from './deduplication/dedupe.ts'
import { type EnrichmentOptions, enrichment } from './enrichment.ts'
import { type ErrorRateOptions, errorRate } from './error-rate.ts'
import type { FeatureStreamOptions } from './features/feature-record.ts'
import { features } from './features/features.ts'
import { liveTail } from './live-tail.ts'
import { noise } from './noise.ts'
import { templates } from './templates.ts'

/** What a worker's topology is made of. */
export interface LogTopologyOptions {
  readonly enrichment: EnrichmentOptions
  /** Whether documents name the template of their message. */
  readonly templates: boolean
  /** So many lines of one template are written per minute; undefined: all. Needs `templates`. */
  readonly linesPerMinute: number | undefined
  readonly dedupe: DedupeOptions
  /** Names of the sinks that take every log. */
  readonly sinks: readonly string[]
  /** Documents are written to it, for those who look; undefined: nowhere. */
  readonly liveTailTopic: string | undefined
  /** Undefined: rates are not reported. */
  readonly errorRate: ErrorRateOptions | undefined
  /** Undefined: no features are written. */
  readonly features: FeatureStreamOptions | undefined
  readonly alerts: GatherOptions
}

/** The topology of one worker kind: enrich, drop duplicates, thin out, write, report rates and features, gather for alert rules. */
export function logTopology(name: string, options: LogTopologyOptions): TopologyDefinition {
  return defineTopology(name, (builder) => {
    const { enrichment: reading } = options
    const enriched = enrichment(builder, reading)
    const named = options.templates ? templates(enriched) : enriched
    const { logs, documents } = dedupe(named, options.dedupe, reading.redactor)
    const { linesPerMinute } = options
    const { redactor } = reading
    const written = linesPerMinute === undefined ? documents : noise(documents, { linesPerMinute, redactor })
    for (const sink of options.sinks) written.toSink(sink, { name: `to-${sink}` })
    if (options.liveTailTopic !== undefined) liveTail(written, options.liveTailTopic, name)
    if (options.errorRate !== undefined) errorRate(logs, options.errorRate)
    if (options.features !== undefined) features(logs, options.features)
    if (options.alerts.rules.length > 0 || options.alerts.security !== undefined) gather(logs, options.alerts)
  })
}

/** Rates that hold for a fleet in production; `npm start` uses shorter windows. */
export const defaultErrorRate = Object.freeze({ sizeMs: minutes(1), graceMs: seconds(30) })
