/** What somebody asks for. */
export interface NumbersQuery {
  readonly fromMs: number
  readonly toMs: number
  /** At least; windows are never cut. */
  readonly stepMs: number
  /** One service; undefined: all of them. */
  readonly service: string | undefined
}

/** A number for each step; null: there is none, because nobody has reported on it, or not any longer. */
export type Series = readonly (number | null)[]

/** The answer of `GET /analytics`. Times are in milliseconds since the epoch, durations in milliseconds. */
export interface Numbers {
  /** When the first step begins. */
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  /** How long the windows are that were reported last; 0: nothing was reported yet. */
  readonly windowMs: number
  /** From when on, and until when there are numbers. */
  readonly knownFromMs: number
  readonly knownToMs: number
  /** When each step begins. */
  readonly times: readonly number[]
  /** Logs. */
  readonly total: Series
  /** Logs of the levels error and critical. */
  readonly errors: Series
  readonly levels: Readonly<Record<string, Series>>
  readonly durations: Quantiles
  /** Those with the most logs, and the sum of the rest as `other`; of all services, whatever is asked for. */
  readonly services: readonly ServiceSeries[]
  /** `service / component`, those with the most logs, and the sum of the rest as `other`. */
  readonly components: readonly NamedSeries[]
  /** Left out: no alerts are read. */
  readonly alerts?: AlertNumbers | undefined
}

/** Below which durations half of all lie, 95 and 99 of 100. */
export interface Quantiles {
  readonly p50: Series
  readonly p95: Series
  readonly p99: Series
}

export interface NamedSeries {
  readonly name: string
  readonly total: Series
}

export interface ServiceSeries extends NamedSeries {
  readonly errors: Series
  /** Of the whole range. */
  readonly p95Ms: number | null
}

/** Alerts in numbers; what they say is for those who may see logs. */
export interface AlertNumbers {
  /** Alerts that are not resolved now, by severity. */
  readonly open: Readonly<Record<string, number>>
  /** Alerts that began in each step, by severity. */
  readonly begun: Readonly<Record<string, readonly number[]>>
  /** Rules with the most open alerts. */
  readonly rules: readonly { readonly rule: string; readonly open: number; readonly begun: number }[]
  readonly otherRules: number
}
