import type { Severity } from './severity.ts'

/** What may be done about an alert. */
export const responseActions = ['rate-limit', 'block-ip', 'alert-security-team', 'isolate'] as const
/** One of `responseActions`. */
export type ResponseActionKind = (typeof responseActions)[number]

/**
 * Something that should be done about an alert. It is JSON, and a record of a topic: millrace does none of it. A program of
 * yours reads the topic and does it. When an alert gets worse, or a commit is repeated, the same action comes again with the
 * same `id`: do it once, and let it end at the latest `untilMs`.
 */
export interface ResponseAction {
  /** The same for the same action, target and episode. */
  readonly id: string
  /** What is to be done. */
  readonly action: ResponseActionKind
  /** For whom: a field of the alert and its value, such as `ip`; null: for nobody in particular. */
  readonly target: { readonly field: string; readonly value: string } | null
  /** Name of the rule. */
  readonly rule: string
  /** Key of the alert. */
  readonly alert: string
  /** The episode of the alert. */
  readonly episode: string
  /** How bad the alert is. */
  readonly severity: Severity
  /** Why: what the alert says. */
  readonly reason: string
  /** At most three log lines that show it, redacted. */
  readonly examples: readonly string[]
  /** Event time of the change of the alert, epoch milliseconds. */
  readonly timeMs: number
  /** When it should end, epoch milliseconds. */
  readonly untilMs: number
}
