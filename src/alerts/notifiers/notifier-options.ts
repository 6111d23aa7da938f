import { type OptionChecks, type SinkDefaults, sinkSettings } from '../../sinks/option-checks.ts'
import type { SinkRecord } from '../../sinks/port.ts'
import type { CommonSinkOptions, SinkSettings } from '../../sinks/sink-factory.ts'

/**
 * Options that every notifier has. A notifier is a sink: `name` is what `toSink` refers to, and the name of a receiver.
 * Its notices go out one after another, so that they keep their order.
 */
export interface NotifierOptions extends Omit<CommonSinkOptions, 'inFlight'> {
  /**
   * The most messages per minute, after the first five; from 1 to 6000. More of them wait. Default: 60 for Slack, Teams and
   * mail, 300 for the others.
   */
  readonly ratePerMinute?: number
  /** The deadline of a message, from the connection to the whole answer, in milliseconds; default 10 s. */
  readonly requestTimeoutMs?: number
  /** The notice of a record. Default: the record's value. */
  readonly notice?: (record: SinkRecord) => unknown
}

export interface NotifierSettings extends SinkSettings {
  readonly ratePerMinute: number
  readonly noticeOf: (record: SinkRecord) => unknown
}

const mebibyte = 1024 * 1024

/**
 * One notice a batch: it leaves as soon as it is there, and fails by itself. The others wait in Kafka, so that a commit
 * waits for one at most, at the pace of its receiver.
 */
const defaults: SinkDefaults = {
  maxRecords: 1,
  maxBytes: mebibyte,
  maxAgeMs: 1000,
  maxBufferedRecords: 1,
  maxBufferedBytes: 16 * mebibyte,
  inFlight: 1,
  outputClass: 'side-effect',
  // The tasks of a thread commit together: a receiver that does not answer holds up the notices of others for no longer.
  patienceMs: 500,
}

const defaultRequestTimeoutMs = 10_000

/** The options that every notifier has, compiled. `ownNames`: those that this notifier has besides. */
export function notifierSettings(
  checks: OptionChecks,
  options: NotifierOptions,
  { ratePerMinute, ownNames }: { readonly ratePerMinute: number; readonly ownNames: object },
): NotifierSettings {
  const { ratePerMinute: givenRate, notice = (record) => record.value, ...common } = options
  const { inFlight } = options as CommonSinkOptions
  if (inFlight !== undefined) checks.problem(`inFlight is ${inFlight}: leave it out, notices go out one after another`)
  const names = { ...ownNames, ratePerMinute: true, notice: true }
  return Object.freeze({
    ...sinkSettings(checks, { requestTimeoutMs: defaultRequestTimeoutMs, ...common }, defaults, names),
    inFlight: defaults.inFlight,
    ratePerMinute: checks.integer('ratePerMinute', givenRate, { least: 1, most: 6000, otherwise: ratePerMinute }),
    noticeOf: notice,
  })
}

/** An address that is a secret itself: an error says that it cannot be used, not what it is. */
export function secretUrl(checks: OptionChecks, field: string, value: unknown): URL {
  const text = checks.secret(field, value)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  if (text !== '')
    checks.problem(`${field} is no http or https address without credentials: copy it as the service shows it`)
  return unusableUrl
}

/** The address of a service, without path. */
export function baseUrl(checks: OptionChecks, field: string, value: unknown): URL {
  return checks.urls(field, value)[0] ?? unusableUrl
}

/** Never used: the checks refuse the options. */
const unusableUrl = new URL('http://unusable.invalid')
