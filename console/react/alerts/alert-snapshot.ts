/** How bad an alert is, from the worst. */
export const severities = ['critical', 'high', 'medium', 'low'] as const
/** One of `severities`. */
export type Severity = (typeof severities)[number]

/** What somebody can ask for about a group, where receivers are named for it. */
export const alertRequests = ['escalate', 'incident'] as const
/** One of `alertRequests`. */
export type AlertRequest = (typeof alertRequests)[number]

/** An alert that fires or flaps. */
export interface Alert {
  readonly id: string
  readonly rule: string
  readonly status: 'pending' | 'firing' | 'no-data' | 'resolved'
  readonly severity: Severity
  /** The fields that the rule groups by. */
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
  readonly examples: readonly string[]
  readonly isFlapping: boolean
  /** The id of the silence that holds it. */
  readonly silence: string | null
}

/** Somebody who is notified of a group. */
export interface Receiver {
  readonly name: string
  /** `slack`, `email` and the like; null: the server does not know. */
  readonly channel: string | null
  readonly notices: number
  readonly newsMs: number | null
}

/** Alerts with common notices. */
export interface AlertGroup {
  /** Of one episode: from the first alert until all are over. */
  readonly id: string
  readonly route: string
  readonly severity: Severity
  readonly startMs: number
  readonly acknowledgement: { readonly author: string; readonly timeMs: number } | null
  readonly escalationStep: number
  /** What people have asked for, each once. */
  readonly asked: Readonly<Partial<Record<AlertRequest, { readonly by: string; readonly timeMs: number }>>>
  readonly receivers: readonly Receiver[]
  readonly alerts: readonly Alert[]
  readonly alertCount: number
}

/** Nobody is notified of some alerts for a while. */
export interface Silence {
  readonly id: string
  readonly match: Readonly<Record<string, string | readonly string[]>>
  readonly author: string
  readonly reason: string
  readonly endMs: number
}

/** What fires now, as the server says it. */
export interface AlertSnapshot {
  readonly isComplete: boolean
  readonly mayAct: boolean
  /** Names of receivers. */
  readonly requests: Readonly<Partial<Record<AlertRequest, readonly string[]>>>
  readonly groups: readonly AlertGroup[]
  readonly groupsLeftOut: number
  readonly silences: readonly Silence[]
}
