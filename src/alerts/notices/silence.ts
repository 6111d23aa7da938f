import type { AlertChange } from '../alert-change.ts'
import { compileMatch, type Match, type Matcher } from './matcher.ts'

/** Somebody wants to hear nothing of some alerts for a while. It is JSON: the value of a row in the topic of silences. */
export interface Silence {
  /** The key of its row. */
  readonly id: string
  /** Which alerts it is about. */
  readonly match: Match
  /** Who made it. */
  readonly author: string
  /** Why, for those who wonder. */
  readonly reason: string
  /** Epoch milliseconds. */
  readonly startMs: number
  /** Epoch milliseconds; the silence holds until just before. */
  readonly endMs: number
}

/** A silence that can be asked. */
export interface ActiveSilence {
  /** As it is in its topic. */
  readonly silence: Silence
  /** Whether an alert is meant, at any time. */
  readonly matches: Matcher
}

/** Compiles the silence once for all alerts. */
export function compileSilence(silence: Silence): ActiveSilence {
  return Object.freeze({ silence, matches: compileMatch(silence.match) })
}

/** The silence that holds the alert now: the one that ends last. */
export function silenceOf(silences: Iterable<ActiveSilence>, change: AlertChange, nowMs: number): Silence | undefined {
  let last: Silence | undefined
  for (const { silence, matches } of silences) {
    if (nowMs < silence.startMs || nowMs >= silence.endMs || !matches(change)) continue
    if (last === undefined || silence.endMs > last.endMs) last = silence
  }
  return last
}
