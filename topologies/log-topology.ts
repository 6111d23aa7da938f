import { defineTopology, json, minutes, seconds, string, type TopologyDefinition } from '../src/index.ts'
import { type AlertsOptions, alerts } from './alerts.ts'
import { type AnomalyOptions, anomaly } from './anomaly.ts'
import { type DedupeOptions, dedupe } from './deduplication/dedupe.ts'
import { type EnrichmentOptions, enrichment } from './enrichment.ts'
import { type ErrorRateOptions, errorRate, type RateReport } from './error-rate.ts'
import { type SecurityOptions, security } from './security.ts'

/** What a worker's topology is made of; a part that is undefined is left out. */
export interface LogTopologyOptions {
  readonly enrichment: EnrichmentOptions
  readonly dedupe: DedupeOptions
  /** Names of the sinks that take every log. */
  readonly sinks: readonly string[]
  readonly errorRate: (ErrorRateOptions & { readonly reportsTopic: string }) | undefined
  readonly anomaly: AnomalyOptions | undefined
  readonly security: SecurityOptions | undefined
  readonly alerts: AlertsOptions
}

/** The topology of one worker kind: enrich, drop duplicates, write, watch, alert. */
export function logTopology(name: string, options: LogTopologyOptions): TopologyDefinition {
  return defineTopology(name, (builder) => {
    const { enrichment: reading } = options
    const { logs, documents } = dedupe(enrichment(builder, reading), options.dedupe, reading.redactor)
    for (const sink of options.sinks) documents.toSink(sink, { name: `to-${sink}` })
    const found = []
    if (options.errorRate !== undefined) {
      const rates = errorRate(logs, options.errorRate)
      rates.reports.to(options.errorRate.reportsTopic, { name: 'to-rates', key: string(), value: json<RateReport>() })
      found.push(rates.alerts)
      if (options.anomaly !== undefined) found.push(anomaly(rates.reports, options.anomaly))
    }
    if (options.security !== undefined) found.push(security(logs, options.security))
    alerts(found, options.alerts)
  })
}

/** Rates that hold for a fleet in production; `npm start` uses shorter windows. */
export const defaultErrorRate = Object.freeze<ErrorRateOptions>({
  sizeMs: minutes(1),
  componentWindows: 10,
  graceMs: seconds(30),
  volumeMin: 50,
  shareMax: 0.2,
  burn: {
    objective: 0.99,
    volumeMin: 50,
    rules: [
      { longMs: minutes(60), shortMs: minutes(5), factor: 14.4, severity: 'critical' },
      { longMs: minutes(360), shortMs: minutes(30), factor: 6, severity: 'high' },
    ],
  },
})

/** 7 days of one-minute points, 0.95, an event is reported once per day. */
export const defaultAnomaly: AnomalyOptions = Object.freeze({
  memoryPoints: 7 * 24 * 60,
  warmUpPoints: 24 * 60,
  cooldownPoints: 24 * 60,
  threshold: 0.95,
})

export const defaultSecurity: SecurityOptions = Object.freeze({
  sizeMs: minutes(5),
  advanceMs: minutes(1),
  graceMs: seconds(30),
  failuresMin: 10,
})
