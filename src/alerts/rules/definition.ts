import type { FieldValue } from '../../pipelines/index.ts'
import type { AlertStatus } from '../alert-change.ts'
import type { ResponseActionKind } from '../response-action.ts'
import type { Severity } from '../severity.ts'

/** A number and a unit, such as `30s`, `5m`, `1h` or `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** A value with the sign that compares: `> 100`, `>= 20 %`, `< 1`. */
export type Limit = string

/**
 * What is measured over a window: the number of logs, or an aggregate of a numeric field, such as `p95(durationMs)`.
 * `failedLogins`: only logs that tell of failed logins count, and an attempt counts once, however many lines tell of it;
 * `failedLogin.source` and `failedLogin.user` are fields of such logs.
 */
export type Measure =
  | 'count'
  | 'failedLogins'
  | `${'sum' | 'avg' | 'min' | 'max' | 'p50' | 'p90' | 'p95' | 'p99'}(${string})`

/** What happens to an alert whose rule has no logs to judge by. */
export const noDataAnswers = ['hold', 'resolve', 'alert'] as const
/** One of `noDataAnswers`. */
export type NoDataAnswer = (typeof noDataAnswers)[number]

/** What should be done about an alert. Nobody here does it: it becomes a record for a program of yours. */
export interface ResponseDefinition {
  /** What. */
  readonly action: ResponseActionKind
  /** For whom: a field of `groupBy`. `alert-security-team` needs none. */
  readonly target?: string
  /** For how long, from the change of the alert on. Default `1h`. */
  readonly for?: Duration
}

/** What every rule may say. */
export interface CommonRule {
  /** What alerts, counters and errors call it: small letters, digits and hyphens. */
  readonly name: string
  /** How bad its alerts are. Default: `medium`, or what `fire` or `windows` say. */
  readonly severity?: Severity
  /** Which logs count: a condition over fields, as in pipelines. Default: all logs. */
  readonly where?: string
  /** Fields; each combination of their values has an alert of its own. Logs without one of them do not count. Default: none. */
  readonly groupBy?: readonly string[]
  /** Times are rounded down to a multiple of it: it divides the window. Default: about a twentieth of the window. */
  readonly every?: Duration
  /** How late a log may come and still change the result. Later ones are counted, and change nothing. Default `30s`. */
  readonly grace?: Duration
  /** How long the condition must hold before the alert fires. Default `0s`. */
  readonly for?: Duration
  /** How long the clear condition must hold before the alert is resolved. Default `0s`. */
  readonly keep?: Duration
  /** A group of which no log came for so long is removed, and its alert is resolved. Default `1d`, for rules that learn their memory, where missing logs fire `1d` after they can have fired. */
  readonly forget?: Duration
  /**
   * One sentence for people, a template of pipelines: `%{service}` for a field of `groupBy`, `%{value}`, `%{threshold}`,
   * `%{count}`, `%{window}`, `%{rule}`, `%{severity}`, `%{baseline}`, and `%{found}`: new terms, an unusual value. Default: made of rule, group and value.
   */
  readonly summary?: string
  /** Addresses by name, such as `runbook` and `search`; templates as `summary`, whose values are escaped. */
  readonly links?: Readonly<Record<string, string>>
  /** Passed on with each alert, such as `team`. */
  readonly labels?: Readonly<Record<string, string>>
  /** What should be done when it fires. Default: nothing. */
  readonly respond?: readonly ResponseDefinition[]
  /** Logs, and what the rule makes of them. */
  readonly examples?: readonly RuleExample[]
}

/** When a rule fires, and when it is over. */
export interface Limits {
  /** The condition: `> 100`, or one per severity, such as `{ high: '> 100', critical: '> 1000' }`. */
  readonly fire: Limit | Readonly<Partial<Record<Severity, Limit>>>
  /** When the alert is over, such as `< 50`. Default: as soon as it would not fire. */
  readonly clear?: Limit
}

/** For rules whose value needs logs: an average of none is no number. */
export interface NeedsData {
  /** Fewer logs in the window do not fire. Default 0. */
  readonly minimum?: number
  /** What becomes of the alert when no logs come. Default `hold`: it stays as it is. */
  readonly noData?: NoDataAnswer
}

/** A number over a window, compared with a limit. */
export interface ThresholdRule extends CommonRule, Limits, NeedsData {
  /** What kind of rule it is. */
  readonly kind: 'threshold'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** Default `count`. */
  readonly measure?: Measure
}

/** How many logs per time. */
export interface RateRule extends CommonRule, Limits {
  /** What kind of rule it is. */
  readonly kind: 'rate'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** The time that the rate is given for. Default `1s`. */
  readonly per?: Duration
}

/** Which share of the logs is bad: 0 to 1, also written as `20 %`. */
export interface RatioRule extends CommonRule, Limits, NeedsData {
  /** What kind of rule it is. */
  readonly kind: 'ratio'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** Which of the logs are bad: a condition. */
  readonly bad: string
}

/** Logs that should come and do not. */
export interface AbsenceRule extends CommonRule {
  /** What kind of rule it is. */
  readonly kind: 'absence'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** So many logs are enough. Default 1. */
  readonly minimum?: number
}

/** A pair of windows of a burn-rate rule. */
export interface BurnWindows {
  /** A short burst alone does not fire. */
  readonly long: Duration
  /** Must burn too, so that the alert ends soon. Default: a twelfth of `long`. */
  readonly short?: Duration
  /** How many times faster than allowed the error budget is spent. */
  readonly factor: number
  /** Of the alert while this pair burns. */
  readonly severity: Severity
}

/** An error budget that is spent too fast: several windows, as in chapter 5 of the SRE workbook. */
export interface BurnRateRule extends Omit<CommonRule, 'severity'>, NeedsData {
  /** What kind of rule it is. */
  readonly kind: 'burn-rate'
  /** Which of the logs are bad: a condition. */
  readonly bad: string
  /** The share of logs that must be good, such as 0.999. */
  readonly objective: number
  /** The worst that burns gives the severity. */
  readonly windows: readonly BurnWindows[]
}

/** A value of a field that its group has not had before. */
export interface NewTermRule extends CommonRule {
  /** What kind of rule it is. */
  readonly kind: 'new-term'
  /** Whose values are looked at. Logs without it do not count. */
  readonly field: string
  /** How long the alert shows a new value. */
  readonly window: Duration
  /** A group fires nothing for so long after its first log. Default `1d`. */
  readonly learn?: Duration
  /** A value that did not come for so long is new again. Default `7d`. */
  readonly memory?: Duration
}

/** How many different values a field has: exact up to 256, then within about 6 %. */
export interface CardinalityRule extends CommonRule, Limits {
  /** What kind of rule it is. */
  readonly kind: 'cardinality'
  /** Whose values are looked at. Logs without it do not count. */
  readonly field: string
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
}

/** One step of a sequence. */
export interface SequenceStep {
  /** Which logs are this step: a condition. */
  readonly where: string
  /** How many of them. Default 1. */
  readonly count?: number
}

/** Logs one after another within a window. Logs of the same second count as in order. */
export interface SequenceRule extends CommonRule {
  /** What kind of rule it is. */
  readonly kind: 'sequence'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** In their order; two or more. */
  readonly steps: readonly SequenceStep[]
}

/** Alerts of other rules that fire within one window, each with the same values of `groupBy`. */
export interface CorrelationRule extends Omit<CommonRule, 'where'> {
  /** What kind of rule it is. */
  readonly kind: 'correlation'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** Names of the rules; all must have fired. */
  readonly rules: readonly string[]
}

/** A value that is unusual for its group: the score of a detector of `millrace/detection`, 0 to 1. One point per window. */
export interface AnomalyRule extends CommonRule, Partial<Limits>, NeedsData {
  /** What kind of rule it is. */
  readonly kind: 'anomaly'
  /** Which logs are looked at together: those of so long a time. */
  readonly window: Duration
  /** Default `count`. */
  readonly measure?: Measure
  /** In place of a measure: watches the share of bad logs, a condition. */
  readonly bad?: string
  /** How far back the usual is learned from. Default `7d`. */
  readonly memory?: Duration
  /** No score for so long after the first log. Default `1d`. */
  readonly learn?: Duration
  /** After a score that fires, only one that is twice as far outside fires for so long. Default `1d`. */
  readonly cooldown?: Duration
  /** A group whose scores are often high by themselves fires from a score that it exceeds once in so long. Default: off. */
  readonly falseAlarmEvery?: Duration
  /** The clock that the people or jobs behind the logs live by, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string
}

/** A rule as data, from a file or from code. */
export type RuleDefinition =
  | ThresholdRule
  | RateRule
  | RatioRule
  | AbsenceRule
  | BurnRateRule
  | NewTermRule
  | CardinalityRule
  | SequenceRule
  | CorrelationRule
  | AnomalyRule

/** The kinds of rules. */
export type RuleKind = RuleDefinition['kind']

/** Logs of an example: one, or many with even distances. */
export interface ExampleLogs {
  /** Time of the first, from the beginning of the example. */
  readonly at: Duration
  /** Default 1. */
  readonly times?: number
  /** Distance between two of them. Default `1s`. */
  readonly every?: Duration
  /** Its fields. */
  readonly log: Readonly<Record<string, FieldValue>>
}

/** A change that an example expects. */
export interface ExpectedChange {
  /** From the beginning of the example. */
  readonly at: Duration
  /** The status from then on. */
  readonly status: AlertStatus
  /** Default: not compared. */
  readonly severity?: Severity
  /** Default: not compared. */
  readonly group?: Readonly<Record<string, string>>
  /** Default: not compared. */
  readonly value?: number
}

/** Logs, and all changes that they cause, in their order. A change to `pending` is compared only where one is expected. */
export interface RuleExample {
  /** What it shows. */
  readonly name: string
  /** Sorted by time before they are read. */
  readonly logs: readonly ExampleLogs[]
  /** The time continues so far without logs. Default: one hour after the last log. */
  readonly until?: Duration
  /** Empty: nothing fires. */
  readonly expect: readonly ExpectedChange[]
}

/** What a rule file holds. */
export interface RuleFile {
  /** One or more; each has a name of its own. */
  readonly rules: readonly RuleDefinition[]
}
