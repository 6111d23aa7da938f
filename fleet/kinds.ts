import type { InputPolicy } from '../topologies/input-policy.ts'
import type { GeoLookup } from '../topologies/enrichment-processor.ts'
import { type DedupeOptions, defaultDedupe } from '../topologies/deduplication/dedupe.ts'
import { logInput } from '../topologies/log-input.ts'
import {
  defaultAnomaly,
  defaultErrorRate,
  defaultSecurity,
  type LogTopologyOptions,
  logTopology,
} from '../topologies/log-topology.ts'
import type { LogRecord } from '../schemas/log-record.ts'
import { createRedactor, type Pipeline } from '../src/pipelines/index.ts'
import { minutes, type Serde, type TopologyDefinition } from '../src/index.ts'
import { alertSink } from './sinks.ts'
import { topics } from './topics.ts'

export const workerKinds = ['application', 'audit', 'performance'] as const
export type WorkerKind = (typeof workerKinds)[number]

/** What the settings of a process decide about a topology. */
export interface KindOptions {
  /** Names of sinks: `alertSink` takes alerts, all others take logs. */
  readonly sinks: readonly string[]
  readonly pipeline: Pipeline
  /** Of redaction rules that hash. */
  readonly redactionHashKey?: string | undefined
  readonly policy: InputPolicy
  /** Default `defaultDedupe`. */
  readonly dedupe?: DedupeOptions | undefined
  readonly avro: Serde<LogRecord> | undefined
  readonly geo: GeoLookup | undefined
  /** Shorter windows, so that a demonstration shows every topology within half a minute. */
  readonly pace: 'production' | 'demonstration'
}

type Watch = Pick<LogTopologyOptions, 'errorRate' | 'anomaly' | 'security'>

/** The topology of a worker kind. */
export function kindTopology(kind: WorkerKind, options: KindOptions): TopologyDefinition {
  const redactor = createRedactor({ rules: options.pipeline.redaction, hashKey: options.redactionHashKey })
  return logTopology(kind, {
    enrichment: {
      topic: topics[kind].name,
      input: logInput({
        avro: options.avro,
        valueBytesMax: options.policy.valueBytesMax,
        takesOwnShape: options.pipeline.onlyReads,
        redactor,
      }),
      pipeline: options.pipeline,
      redactor,
      servicesTopic: topics.services.name,
      policy: options.policy,
      geo: options.geo,
    },
    dedupe: options.dedupe ?? defaultDedupe,
    sinks: options.sinks.filter((name) => name !== alertSink),
    ...watch(kind, options.pace),
    alerts: {
      topic: topics.alerts.name,
      sinks: options.sinks.filter((name) => name === alertSink),
      routes: { critical: topics.criticalAlerts.name },
      quietMs: options.pace === 'production' ? minutes(30) : minutes(1),
    },
  })
}

function watch(kind: WorkerKind, pace: KindOptions['pace']): Watch {
  const rates = { ...defaultErrorRate, reportsTopic: topics.rates.name }
  const demonstration = pace === 'demonstration'
  const errorRate = demonstration ? { ...rates, ...demonstrationRates } : rates
  const anomaly = demonstration ? { ...defaultAnomaly, warmUpPoints: 12, cooldownPoints: 12 } : defaultAnomaly
  switch (kind) {
    case 'application':
      return { errorRate, anomaly, security: defaultSecurity }
    case 'audit':
      return { errorRate: undefined, anomaly: undefined, security: defaultSecurity }
    case 'performance':
      return { errorRate, anomaly, security: undefined }
  }
}

const demonstrationRates = {
  sizeMs: 5000,
  graceMs: 1000,
  componentWindows: 2,
  burn: {
    objective: 0.99,
    volumeMin: 50,
    rules: [{ longMs: 20_000, shortMs: 5000, factor: 14.4, severity: 'critical' }],
  },
} as const
