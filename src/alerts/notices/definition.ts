import type { Severity } from '../severity.ts'
import type { InhibitionDefinition } from './inhibition.ts'
import type { Match } from './matcher.ts'
import type { QuietHoursDefinition } from './quiet-hours.ts'

/** Who is notified of which alerts, when and how often: a YAML file, or the same in code. Durations are such as `5m`. */
export interface NoticesDefinition {
  /** At least one. */
  readonly receivers: readonly ReceiverDefinition[]
  /** In this order; the last one has no `match`, so that every alert reaches somebody. */
  readonly routes: readonly RouteDefinition[]
  /** Who is asked in which order while nobody acknowledges. Default: those of `defaultEscalations`. */
  readonly escalations?: Readonly<Partial<Record<Severity, readonly EscalationStepDefinition[]>>>
  /** Alerts that silence others while they fire. Default: none. */
  readonly inhibitions?: readonly InhibitionDefinition[]
  /** `off`: alerts that come and go are sent each time. */
  readonly flapping?: FlappingDefinition | 'off'
  /** Who is notified when a person asks for it. Default: nobody, and it cannot be asked for. */
  readonly requests?: RequestsDefinition
}

/** Names of receivers, which need not be in a route. They are notified at any hour. */
export interface RequestsDefinition {
  /** Somebody wants others to help, whatever step the escalation has reached. */
  readonly escalate?: readonly string[]
  /** Somebody wants an incident: a webhook that opens one. */
  readonly incident?: readonly string[]
}

/** A channel to people or to a program. Its name is that of a notifier. */
export interface ReceiverDefinition {
  /** In small letters, digits and hyphens. */
  readonly name: string
  /** Alerts below are not sent to it. Default: `low`. */
  readonly minimumSeverity?: Severity
  /** Whether it gets the first notice of an alert, also of one that flaps. Default: true. */
  readonly fire?: boolean
  /** Whether it is reminded. Default: true. */
  readonly repeat?: boolean
  /** Whether it gets the later steps of an escalation. Default: true. */
  readonly escalate?: boolean
  /** Whether it hears that all is well again. Default: true. */
  readonly resolve?: boolean
  /** When it is left alone. Default: never. */
  readonly quietHours?: ReceiverQuietHours
  /** How many notices it is sent in a time; one summary speaks of further ones. Default: all are sent. */
  readonly storm?: StormDefinition
}

/**
 * Too many notices: so many are sent by themselves within the time, and summaries of all others. The end of what was sent
 * by itself is always sent.
 */
export interface StormDefinition {
  /** Default 20. */
  readonly notices?: number
  /** Default `10m`. */
  readonly within?: string
  /** How long a summary waits for more. Default: a fifth of `within`. */
  readonly summary?: string
}

/** Quiet hours, and what comes after them. */
export interface ReceiverQuietHours extends QuietHoursDefinition {
  /**
   * `digest`: one notice of all that happened (default). `fire`: each alert that still fires is sent by itself, for
   * receivers that keep a list of incidents.
   */
  readonly atEnd?: 'digest' | 'fire'
}

/** Which alerts reach which receivers, and how they are gathered. */
export interface RouteDefinition {
  /** In small letters, digits and hyphens. It is part of the key of each notice. */
  readonly name: string
  /** Default: every alert. */
  readonly match?: Match
  /** Names of receivers, at least one. */
  readonly receivers: readonly string[]
  /**
   * Alerts with equal values under these names are one group with common notices. Names as in `Match`, without `severity`,
   * which changes in the life of an alert. Default: `[rule]`; `[alert]`: each alert by itself.
   */
  readonly groupBy?: readonly string[]
  /** How long the first notice waits for more alerts of the group. Default: `30s`. */
  readonly wait?: string
  /** How long the next notice about new alerts of the group waits. Default: `5m`. */
  readonly interval?: string
  /** Time between reminders, exactly. `never`: none. Default: `4h`. */
  readonly repeat?: string
  /** Default: true. */
  readonly escalate?: boolean
  /** Whether later routes see the alert as well. Default: false. */
  readonly continue?: boolean
}

/** Whom the notices of a step are for. */
export interface EscalationStepDefinition {
  /** After the first notice; the first step has none. */
  readonly after?: string
  /** Names of teams, as notices carry them. */
  readonly teams: readonly string[]
  /** More receivers that are notified from this step on. */
  readonly receivers?: readonly string[]
}

/** An alert flaps when it changed in many of the last checks. It is sent once, and then not before it has settled. */
export interface FlappingDefinition {
  /** Length of a check. Default: `1m`. */
  readonly check?: string
  /** Checks that count. Default: 20. */
  readonly checks?: number
  /** Percent of changes from which on it flaps. Default: 20. */
  readonly enter?: number
  /** Percent of changes below which it has settled. Default: 5. */
  readonly leave?: number
}

/** Used where a file has no `escalations` for a severity. */
export const defaultEscalations: Readonly<Record<Severity, readonly EscalationStepDefinition[]>> = Object.freeze({
  critical: [
    { teams: ['security-team'] },
    { after: '15m', teams: ['incident-commander'] },
    { after: '30m', teams: ['executives'] },
  ],
  high: [{ teams: ['security-team'] }, { after: '30m', teams: ['operations-manager'] }],
  medium: [{ teams: ['operations-team'] }, { after: '2h', teams: ['development-team'] }],
  low: [{ teams: ['development-team'] }],
})
