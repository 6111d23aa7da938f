import { MillraceError } from '../../core/errors.ts'
import { told } from '../../core/shown.ts'
import { unknownNames } from '../../core/unknown-names.ts'

/** Where the numbers of a dashboard come from, and how many are kept. */
export interface AnalyticsOptions {
  /**
   * A topic with what was counted in each window of each service, as the log workers of the fleet write it: JSON with
   * `key` (the service), `startMs`, `endMs`, `total`, `errors`, and where they are known `worker`, `levels`, `components`
   * and `durations`.
   */
  readonly ratesTopic: string
  /** A topic with alerts as JSON: `id`, `rule`, `severity`, `status`, `startedAt`. Default: none. */
  readonly alertsTopic?: string | undefined
  /** How far back numbers are kept, in milliseconds. Default 86,400,000, a day. */
  readonly rangeMs?: number | undefined
  /** Reports that are kept, of one service and window each. Above it, the oldest leave. Default 50,000. */
  readonly reportsMax?: number | undefined
  /** Alerts that are kept. Above it, those leave that changed first. Default 10,000. */
  readonly alertsMax?: number | undefined
}

export interface AnalyticsConfig {
  readonly ratesTopic: string
  /** Undefined: no alerts are read. */
  readonly alertsTopic: string | undefined
  readonly rangeMs: number
  readonly reportsMax: number
  readonly alertsMax: number
}

const defaults = Object.freeze({ rangeMs: 86_400_000, reportsMax: 50_000, alertsMax: 10_000 })
const least = Object.freeze({ rangeMs: 60_000, reportsMax: 1000, alertsMax: 100 })

/** Completes and checks options. Throws ILLEGAL_ARGUMENT with every fault at once. */
export function analyticsConfig(options: AnalyticsOptions): AnalyticsConfig {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const config = Object.freeze({ alertsTopic: undefined, ...defaults, ...given }) as AnalyticsConfig
  const faults = unknownNames(given, ['ratesTopic', 'alertsTopic', ...Object.keys(defaults)])
  for (const name of ['ratesTopic', 'alertsTopic'] as const) {
    const topic = config[name]
    if (topic === undefined ? name === 'ratesTopic' : typeof topic !== 'string' || topic === '')
      faults.push(`${name} is ${told(topic)}: give the name of a topic`)
  }
  for (const name of ['rangeMs', 'reportsMax', 'alertsMax'] as const)
    if (!Number.isSafeInteger(config[name]) || config[name] < least[name])
      faults.push(`${name} is ${told(config[name])}: give a whole number, at least ${least[name]}`)
  if (faults.length > 0) throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `analytics: ${faults.join('; ')}`)
  return config
}
