import { type NamesOf, OptionChecks, sinkSettings } from '../option-checks.ts'
import type { SinkRecord } from '../port.ts'
import type { CommonSinkOptions, SinkSettings } from '../sink-factory.ts'

/** Options of `splunkHecSink`. Invalid options are refused with INVALID_SETTINGS, all errors together. */
export interface SplunkHecSinkOptions extends CommonSinkOptions {
  /** One address or several receivers of one deployment, such as `https://splunk:8088`. */
  readonly url: string | readonly string[]
  /** The HEC token of the receiver. Errors never show it. */
  readonly token: string
  /** Where the events go: fixed, or a function of the record. Default: what the token says. */
  readonly index?: string | ((record: SinkRecord) => string)
  /** The sourcetype of all events. Default: that of the token. */
  readonly sourcetype?: string
  /** The source of all events. Default: that of the token. */
  readonly source?: string
  /** The host of all events. Default: none; Splunk then uses the address of the sender. */
  readonly host?: string | ((record: SinkRecord) => string | undefined)
  /** The event: text, an object, or bytes that are JSON. Default: the record's value. */
  readonly event?: (record: SinkRecord) => unknown
  /**
   * The certificate authorities (PEM) that are trusted instead of those of the system. Certificates are always
   * verified.
   */
  readonly ca?: string
  /** Whether request bodies are compressed; default true. */
  readonly gzip?: boolean
}

export interface SplunkHecConfig extends SinkSettings {
  readonly urls: readonly URL[]
  readonly token: string
  readonly indexOf: ((record: SinkRecord) => string) | undefined
  /** An index that is the same for all events is a setting; one that depends on the event is the event's fault. */
  readonly indexIsFixed: boolean
  readonly sourcetype: string | undefined
  readonly source: string | undefined
  readonly hostOf: ((record: SinkRecord) => string | undefined) | undefined
  readonly eventOf: (record: SinkRecord) => unknown
  readonly ca: string | undefined
  readonly gzip: boolean
}

const mebibyte = 1024 * 1024

const defaults = {
  maxRecords: 1000,
  maxBytes: mebibyte,
  maxAgeMs: 5000,
  maxBufferedRecords: 50_000,
  maxBufferedBytes: 64 * mebibyte,
  inFlight: 4,
  outputClass: 'side-effect',
} as const

const ownNames: NamesOf<SplunkHecSinkOptions, CommonSinkOptions> = {
  url: true,
  token: true,
  index: true,
  sourcetype: true,
  source: true,
  host: true,
  event: true,
  ca: true,
  gzip: true,
}

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function splunkHecConfig(options: SplunkHecSinkOptions): SplunkHecConfig {
  const checks = new OptionChecks(`splunk sink ${options.name}`)
  const { index, host, event, gzip = true } = options
  const config: SplunkHecConfig = {
    ...sinkSettings(checks, options, defaults, ownNames),
    urls: checks.urls('url', options.url),
    token: checks.secret('token', options.token),
    indexOf: typeof index === 'string' ? () => index : index,
    indexIsFixed: typeof index !== 'function',
    sourcetype: optionalText(checks, 'sourcetype', options.sourcetype),
    source: optionalText(checks, 'source', options.source),
    hostOf: typeof host === 'string' ? () => host : host,
    eventOf: event ?? ((record) => record.value),
    ca: options.ca,
    gzip,
  }
  checks.done()
  return Object.freeze(config)
}

function optionalText(checks: OptionChecks, field: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : checks.text(field, value)
}
