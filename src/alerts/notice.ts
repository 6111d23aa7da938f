import type { AlertChange } from './alert-change.ts'
import type { Severity } from './severity.ts'

/**
 * Why a receiver is notified. `acknowledge` is for receivers that show who takes care: services for people on call.
 * `incident`: somebody has asked for an incident.
 */
export const noticeKinds = [
  'fire',
  'repeat',
  'escalate',
  'acknowledge',
  'resolve',
  'flapping',
  'digest',
  'incident',
] as const
/** One of `noticeKinds`. */
export type NoticeKind = (typeof noticeKinds)[number]

/** One message to one receiver. It is JSON, so that stores and topics carry it as it is. */
export interface Notice {
  /** Made of `dedupKey`, `kind` and a number, so that a repeated delivery has the same id. */
  readonly id: string
  /** Why it is sent. */
  readonly kind: NoticeKind
  /** Name of the receiver. */
  readonly receiver: string
  /** One per group of alerts and episode. The notice that resolves has the key of the one that fired. */
  readonly dedupKey: string
  /** The worst of its alerts. */
  readonly severity: Severity
  /** When it was due, epoch milliseconds. */
  readonly timeMs: number
  /** One line for people. */
  readonly title: string
  /** The alerts that it is about, only the first of them where there are many: `alertCount` says how many there are. */
  readonly alerts: readonly AlertChange[]
  /** All alerts that it is about. */
  readonly alertCount: number
  /** Which step of the escalation: 0 is the first. */
  readonly escalationStep: number
  /** The teams of this step. */
  readonly teams: readonly string[]
}
