import type { AlertChange } from '../alert-change.ts'
import type { Notice, NoticeKind } from '../notice.ts'
import type { Severity } from '../severity.ts'
import type { AlertRequestKind } from './alert-request.ts'

/**
 * The state of a group of alerts with common notices. It is JSON: a store keeps it. Whoever reads it owns it, gives it to
 * `NoticeGroups`, which changes it, and writes it back.
 */
export interface GroupState {
  /** Key of the group, as `routesOf` makes it. */
  readonly key: string
  /** Name of the route. */
  readonly route: string
  /** Alerts that fire, and those that fired not long ago, by their keys. */
  readonly alerts: Record<string, TrackedAlert>
  /** Alerts that fire and for which there was no room, by a hash of their keys: while there are some, not all is over. */
  readonly others: Record<string, true>
  /** From the first alert until all are resolved; null: nothing fires. */
  episode: GroupEpisode | null
  /** The time in the key of the last episode: none has the same. */
  lastStartMs: number
  /** By name, those that know of alerts of the episode, or have known. */
  receivers: Record<string, ReceiverState>
  /** Decided, and to be sent after the next commit. */
  outbox: GroupOutput[]
  /** When it has to be advanced, epoch milliseconds; null: not before something is received. */
  wakeMs: number | null
  /** The last time that it saw. An earlier one means that the clock was set back. */
  seenMs: number
}

export interface TrackedAlert {
  /** The last one. Only the first alerts of a large group keep their examples. */
  change: AlertChange
  /** Whether it fires or has no data, and belongs to this group. */
  isActive: boolean
  /** When it began to be active or became worse, by the clock of the worker. */
  sinceMs: number
  /** Checks in which it began or ended, for flapping. */
  changes: readonly number[]
  isFlapping: boolean
  /** The routes lead it elsewhere since they were changed. */
  isMoved: boolean
}

export interface GroupEpisode {
  readonly dedupKey: string
  acknowledgement: { readonly author: string; readonly timeMs: number } | null
  /** The worst severity that was sent: its escalation applies. null: nothing was sent. */
  severity: Severity | null
  /** From when on the steps are counted; null: the count pauses, because all alerts are silenced. */
  escalationMs: number | null
  escalationStep: number
  /** What people have asked for, each once. Absent: nothing, or a worker of an earlier version has stored it. */
  asked?: Partial<Record<AlertRequestKind, { readonly by: string; readonly timeMs: number }>>
}

export interface ReceiverState {
  /** What it knows of alerts that are not over: with which severity, or that they flap. */
  known: Record<string, Severity | 'flapping'>
  /** Whether it was sent something that a resolve has to close. */
  isOpen: boolean
  /** The end of the quiet hours whose digest speaks of the group; null: none does. */
  heldUntilMs: number | null
  /** When it last got news. */
  newsMs: number | null
  /** From when on reminders are counted. */
  anchorMs: number
  /** Notices by kind, the ones that are switched off included. */
  readonly counts: Partial<Record<NoticeKind, number>>
}

/**
 * What leaves a group. `send`: to the receiver. The other three go to the digest of the receiver's quiet hours: `hold`
 * has all alerts of the group that fire; `resolve`: it is over, and only the digest knows whether the receiver has to hear of
 * it; `drop`: the receiver has heard of it.
 */
export interface GroupOutput {
  /** Where it goes, and what for. */
  readonly action: 'send' | 'hold' | 'resolve' | 'drop'
  /** What is sent; for a digest, what it has to know. */
  readonly notice: Notice
  /** The end of the quiet hours; null for `send`. */
  readonly untilMs: number | null
}

export function createGroup(key: string, route: string): GroupState {
  return {
    key,
    route,
    alerts: {},
    others: {},
    episode: null,
    lastStartMs: 0,
    receivers: {},
    outbox: [],
    wakeMs: null,
    seenMs: 0,
  }
}

/** Whether nothing would be lost without the state. */
export function isForgettable(state: GroupState): boolean {
  return state.episode === null && state.outbox.length === 0 && Object.keys(state.alerts).length === 0
}
