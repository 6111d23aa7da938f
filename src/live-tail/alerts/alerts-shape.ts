import type { AlertStatus } from '../../alerts/alert-change.ts'
import type { AlertRequestKind } from '../../alerts/notices/alert-request.ts'
import type { Severity } from '../../alerts/severity.ts'

/** An alert that fires or flaps. */
export interface ShownAlert {
  readonly id: string
  readonly rule: string
  readonly status: AlertStatus
  readonly severity: Severity
  readonly group: Readonly<Record<string, string>>
  readonly summary: string
  readonly value: number
  readonly threshold: number
  readonly baseline: number | null
  readonly startMs: number
  readonly timeMs: number
  readonly eventCount: number
  readonly links: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Log lines; empty for those who may not see them. */
  readonly examples: readonly string[]
  readonly isFlapping: boolean
  /** The silence that holds it, which is in `silences`; null: none does. */
  readonly silence: string | null
}

/** A receiver that knows of a group, or has known. */
export interface ShownReceiver {
  readonly name: string
  /** `slack`, `email` and the like; null: not known here. */
  readonly channel: string | null
  /** Notices of this episode, those that its switches or its quiet hours kept back included. */
  readonly notices: number
  /** When it last got news; null: never. */
  readonly newsMs: number | null
}

/** Alerts with common notices. */
export interface ShownGroup {
  readonly id: string
  readonly route: string
  /** The worst of its alerts. */
  readonly severity: Severity
  /** The earliest beginning of its alerts. */
  readonly startMs: number
  readonly acknowledgement: { readonly author: string; readonly timeMs: number } | null
  readonly escalationStep: number
  /** What people have asked for, each once. */
  readonly asked: Readonly<Partial<Record<AlertRequestKind, { readonly by: string; readonly timeMs: number }>>>
  readonly receivers: readonly ShownReceiver[]
  readonly alerts: readonly ShownAlert[]
  /** All of them, those that are not listed included. */
  readonly alertCount: number
}

/** Nobody is notified of some alerts for a while. */
export interface ShownSilence {
  readonly id: string
  readonly match: Readonly<Record<string, string | readonly string[]>>
  readonly author: string
  readonly reason: string
  readonly endMs: number
}

/** The answer of `GET /alerts`, and an event `alerts` of its stream. */
export interface ShownAlerts {
  /** False: not all of the state was read yet, or no worker has written it. */
  readonly isComplete: boolean
  /** Whether the roles allow verbs. */
  readonly mayAct: boolean
  /** Receivers that are named for what people can ask for. */
  readonly requests: Readonly<Partial<Record<AlertRequestKind, readonly string[]>>>
  readonly groups: readonly ShownGroup[]
  /** Groups that fire and for which there was no room. */
  readonly groupsLeftOut: number
  readonly silences: readonly ShownSilence[]
}
