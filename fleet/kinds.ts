import type { InputPolicy } from '../topologies/input-policy.ts'
import type { GeoLookup } from '../topologies/enrichment-processor.ts'
import { type DedupeOptions, defaultDedupe } from '../topologies/deduplication/dedupe.ts'
import { logInput } from '../topologies/log-input.ts'
import { defaultErrorRate, type LogTopologyOptions, logTopology } from '../topologies/log-topology.ts'
import type { LogRecord } from '../schemas/log-record.ts'
import { createRedactor, type Pipeline } from '../src/pipelines/index.ts'
import type { RulePlan, SecurityRules } from '../src/alerts/index.ts'
import type { Serde, TopologyDefinition } from '../src/index.ts'
import { topics } from './topics.ts'

export const workerKinds = ['application', 'audit', 'performance'] as const
export type WorkerKind = (typeof workerKinds)[number]

/** What the settings of a process decide about a topology. */
export interface KindOptions {
  /** Names of the sinks that take logs. */
  readonly sinks: readonly string[]
  readonly pipeline: Pipeline
  /** Of redaction rules that hash. */
  readonly redactionHashKey?: string | undefined
  readonly policy: InputPolicy
  /** Default `defaultDedupe`. */
  readonly dedupe?: DedupeOptions | undefined
  /** Whether documents name the template of their message. Default: false. */
  readonly templates?: boolean
  /** So many lines of one template are written per minute; they name their template then. Default: all lines. */
  readonly linesPerMinute?: number | undefined
  /** Whether features of logs by service and window are written. Default: false. */
  readonly features?: boolean
  readonly avro: Serde<LogRecord> | undefined
  readonly geo: GeoLookup | undefined
  /** Alert rules that logs are gathered for: the same for all kinds. Default: none. */
  readonly rules?: readonly RulePlan[]
  /** Sigma rules that logs are gathered for. Default: none. */
  readonly security?: SecurityRules | undefined
  /** Where documents go for the live tail. Default: nowhere. */
  readonly liveTailTopic?: string | undefined
  /** Shorter windows, so that a demonstration shows every topology within half a minute. */
  readonly pace: 'production' | 'demonstration'
}

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
    templates: options.templates === true || options.linesPerMinute !== undefined,
    // Nothing of an audit may be missing.
    linesPerMinute: kind === 'audit' ? undefined : options.linesPerMinute,
    dedupe: options.dedupe ?? defaultDedupe,
    sinks: options.sinks,
    liveTailTopic: options.liveTailTopic,
    errorRate: errorRateOf(kind, options.pace),
    features: options.features === true ? featuresOf(kind, options.pace) : undefined,
    alerts: {
      rules: options.rules ?? [],
      security: options.security,
      inputTopic: topics[kind].name,
      observationsTopic: topics.alertObservations.name,
      eventAgeMaxMs: options.policy.eventAgeMaxMs,
    },
  })
}

/** What audit logs say is no matter of rates. */
function errorRateOf(kind: WorkerKind, pace: KindOptions['pace']): LogTopologyOptions['errorRate'] {
  if (kind === 'audit') return undefined
  return { ...windowsOf(pace), reportsTopic: topics.rates.name, worker: kind }
}

function featuresOf(kind: WorkerKind, pace: KindOptions['pace']): LogTopologyOptions['features'] {
  if (kind === 'audit') return undefined
  const { sizeMs, graceMs } = windowsOf(pace)
  return { windowMs: sizeMs, graceMs, featuresTopic: topics.features.name, kind }
}

function windowsOf(pace: KindOptions['pace']): { readonly sizeMs: number; readonly graceMs: number } {
  return pace === 'demonstration' ? { sizeMs: 5000, graceMs: 1000 } : defaultErrorRate
}
