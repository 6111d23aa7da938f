import { type Clock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { type Logger, standardErrorLogger } from '../core/logger.ts'
import { told } from '../core/shown.ts'
import { unknownNames } from '../core/unknown-names.ts'
import { defaultRedaction, type RedactionRules } from '../pipelines/redaction/rules.ts'
import { defaultMasks } from './access/roles.ts'

/** How logs are tailed. */
export interface LiveTailOptions {
  /** Topics whose records are logs as JSON objects; anything else is shown as the message of a log. */
  readonly topics: readonly string[]
  /** What is hidden before any filter sees it. Default: `defaultRedaction` of `millrace/pipelines`. */
  readonly redaction?: RedactionRules | undefined
  /**
   * What is hidden from people with roles who do not give a reason to see it, before their filters see it. Default: user
   * ids, names and network addresses. Without roles, nothing is masked.
   */
  readonly masks?: RedactionRules | undefined
  /**
   * What kind of log a topic has, by its name: `application`, `audit`, `performance`, `security`. The header
   * `millrace.log-class` of a record says more. Roles decide by it; a log without one is shown to operations only.
   */
  readonly topicClasses?: Readonly<Record<string, string>> | undefined
  /** The last lines are kept for viewers that come back, up to so many bytes. Default 10,000,000. */
  readonly ringBytesMax?: number | undefined
  /** How long they are kept, in milliseconds. Default 300,000. */
  readonly ringAgeMsMax?: number | undefined
  /** Lines that are sent together. Default 50. */
  readonly batchLinesMax?: number | undefined
  /** How long a line waits for others to be sent with, in milliseconds, up to 1000. Default 25. */
  readonly batchWaitMs?: number | undefined
  /** Lines that wait for a slow viewer; above it, the oldest are dropped. Default 1000. */
  readonly queueLinesMax?: number | undefined
  /** New lines per second that one viewer gets; more are dropped. Default 2000. */
  readonly linesPerSecondMax?: number | undefined
  /** New lines per second that all viewers together get. Default 100,000. */
  readonly allLinesPerSecondMax?: number | undefined
  /** Viewers at the same time. Default 2000. */
  readonly viewersMax?: number | undefined
  /** Viewers of one user at the same time. Default 50. */
  readonly viewersPerUserMax?: number | undefined
  /** Viewers that read the past at the same time; others wait for their turn. Default 4. */
  readonly historiesMax?: number | undefined
  /** Whether what a filter finds may be exported. Default false. */
  readonly exports?: boolean | undefined
  /** Exports at the same time. Default 2. */
  readonly exportsMax?: number | undefined
  /** Lines of an export. Default 100,000. */
  readonly exportLinesMax?: number | undefined
  /** Bytes of an export. Default 100,000,000. */
  readonly exportBytesMax?: number | undefined
  /** How often a viewer hears that it is connected, in milliseconds. Default 30,000. */
  readonly heartbeatMs?: number | undefined
  /** Who can raise a limit: the answer to a refused viewer names them. Default: `the operator of this live tail`. */
  readonly owner?: string | undefined
  /** Default: warnings and errors on standard error. Each access is logged as information. */
  readonly logger?: Logger | undefined
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined
}

export type LiveTailConfig = { readonly [Name in keyof LiveTailOptions]-?: Exclude<LiveTailOptions[Name], undefined> }

const defaults: Omit<LiveTailConfig, 'topics'> = Object.freeze({
  redaction: defaultRedaction,
  masks: defaultMasks,
  topicClasses: Object.freeze({}),
  ringBytesMax: 10_000_000,
  ringAgeMsMax: 300_000,
  batchLinesMax: 50,
  batchWaitMs: 25,
  queueLinesMax: 1000,
  linesPerSecondMax: 2000,
  allLinesPerSecondMax: 100_000,
  viewersMax: 2000,
  viewersPerUserMax: 50,
  historiesMax: 4,
  exports: false,
  exportsMax: 2,
  exportLinesMax: 100_000,
  exportBytesMax: 100_000_000,
  heartbeatMs: 30_000,
  owner: 'the operator of this live tail',
  logger: standardErrorLogger,
  clock: systemClock,
})

const batchWaitMsMax = 1000

/** Completes and checks options. Throws ILLEGAL_ARGUMENT with every fault at once. */
export function liveTailConfig(options: LiveTailOptions): LiveTailConfig {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const config = Object.freeze({ ...defaults, ...given }) as LiveTailConfig
  const faults = unknownNames(given, ['topics', ...Object.keys(defaults)])
  if (!Array.isArray(config.topics) || config.topics.length === 0) faults.push('topics is empty: name at least one')
  for (const [name, value] of Object.entries(config)) {
    if (typeof defaults[name as keyof typeof defaults] !== 'number') continue
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      faults.push(`${name} is ${told(value)}: give a whole number, at least 1`)
  }
  if (config.batchWaitMs > batchWaitMsMax)
    faults.push(`batchWaitMs is ${config.batchWaitMs}: give at most ${batchWaitMsMax}`)
  if (faults.length > 0) throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `live tail: ${faults.join('; ')}`)
  return config
}
