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

/** Whether a row of the topic of silences is one: others silence nothing. */
export function isSilence(row: unknown): row is Silence {
  const { id, match, startMs, endMs } = (row ?? {}) as Partial<Silence>
  return typeof id === 'string' && isMatch(match) && isTime(startMs) && isTime(endMs)
}

/** One that names nothing would silence everything, by a mistake of who wrote it: `{"rule": "*"}` says that it is meant. */
function isMatch(match: unknown): boolean {
  if (typeof match !== 'object' || match === null || Array.isArray(match)) return false
  const values = Object.values(match).map((texts: unknown) => [texts].flat())
  return (
    values.length > 0 && values.every((texts) => texts.length > 0 && texts.every((text) => typeof text === 'string'))
  )
}

function isTime(timeMs: unknown): boolean {
  return typeof timeMs === 'number' && !Number.isNaN(new Date(timeMs).getTime())
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
