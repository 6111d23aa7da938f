import { dailyName } from '../daily-name.ts'
import { type NamesOf, OptionChecks, sinkSettings } from '../option-checks.ts'
import type { SinkRecord } from '../port.ts'
import type { CommonSinkOptions, SinkSettings } from '../sink-factory.ts'

/** Options of `filesSink`. Invalid options are refused with INVALID_SETTINGS, all errors together. */
export interface FilesSinkOptions extends CommonSinkOptions {
  /** Where the files are written. */
  readonly directory: string
  /**
   * A file name with the event's day (UTC) in place of YYYY, MM and DD, such as `logs-YYYY.MM.DD.ndjson`, or a
   * function.
   */
  readonly file: string | ((record: SinkRecord) => string)
  /** The document that is written: an object, or bytes or text that are JSON. Default: the record's value. */
  readonly document?: (record: SinkRecord) => unknown
  /** Text before each document, if the line must contain more than the document; the document is not copied for it. */
  readonly prefix?: (record: SinkRecord) => string
  /** Text after each document. Default: none. */
  readonly suffix?: string
}

export interface FilesConfig extends SinkSettings {
  readonly directory: string
  readonly fileOf: (record: SinkRecord) => string
  readonly documentOf: (record: SinkRecord) => unknown
  readonly prefixOf: (record: SinkRecord) => string
  readonly suffix: string
}

const mebibyte = 1024 * 1024

const defaults = {
  maxRecords: 2000,
  maxBytes: mebibyte,
  maxAgeMs: 1000,
  maxBufferedRecords: 50_000,
  maxBufferedBytes: 32 * mebibyte,
  inFlight: 16,
  outputClass: 'append',
} as const

const ownNames: NamesOf<FilesSinkOptions, CommonSinkOptions> = {
  directory: true,
  file: true,
  document: true,
  prefix: true,
  suffix: true,
}

/** Throws INVALID_SETTINGS, which lists all invalid options. */
export function filesConfig(options: FilesSinkOptions): FilesConfig {
  const checks = new OptionChecks(`files sink ${options.name}`)
  const { file, document, prefix, suffix = '' } = options
  const config: FilesConfig = {
    ...sinkSettings(checks, options, defaults, ownNames),
    directory: checks.text('directory', options.directory),
    fileOf: typeof file === 'function' ? file : fixedFile(checks, file),
    documentOf: document ?? ((record) => record.value),
    prefixOf: prefix ?? (() => ''),
    suffix,
  }
  checks.done()
  return Object.freeze(config)
}

function fixedFile(checks: OptionChecks, file: string): (record: SinkRecord) => string {
  const nameOf = dailyName(checks.text('file', file))
  return (record) => nameOf(record.timestamp)
}
