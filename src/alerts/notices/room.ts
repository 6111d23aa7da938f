import { hash } from 'node:crypto'
import type { AlertChange } from '../alert-change.ts'
import type { GroupState } from './group-state.ts'

/** Alerts of a group, those that are over included. */
const alertsMax = 1000
/** Characters of their texts: a state is one record of Kafka, of 8 MiB at most. */
const charactersMax = 1_000_000
/** Alerts of a group that keep their examples and links: a notice shows no more. */
const detailedMax = 20
/** Alerts beyond these of which the group knows only that they fire. */
const othersMax = 20_000

/** Whether the group can take in one more alert. */
export function hasRoom({ alerts }: GroupState, change: AlertChange): boolean {
  let [count, characters] = [1, charactersOf(change)]
  for (const tracked of Object.values(alerts)) {
    count++
    characters += charactersOf(tracked.change)
  }
  return count <= alertsMax && characters <= charactersMax
}

/** Those that are kept longest after their end go first: what fires is more important. False: all of them fire. */
export function makeRoom(state: GroupState, change: AlertChange): boolean {
  const known = new Set(Object.values(state.receivers).flatMap((receiver) => Object.keys(receiver.known)))
  const over = Object.entries(state.alerts)
    .filter(([key, { isActive, isFlapping }]) => !isActive && !isFlapping && !known.has(key))
    .sort(([, left], [, right]) => left.sinceMs - right.sinceMs)
  for (const [key] of over) {
    delete state.alerts[key]
    if (hasRoom(state, change)) return true
  }
  return false
}

/** Whether one more alert is among those that keep their examples and links. */
export function isWithDetails({ alerts }: GroupState): boolean {
  return Object.keys(alerts).length < detailedMax
}

/** The alert without what is long. */
export function withoutDetails(change: AlertChange): AlertChange {
  return { ...change, examples: [], links: {} }
}

/** Notes that the alert fires, and nothing else of it. False: that is known. */
export function leaveOut({ others }: GroupState, { key }: AlertChange): boolean {
  const mark = markOf(key)
  if (Object.hasOwn(others, mark)) return false
  if (Object.keys(others).length < othersMax) others[mark] = true
  return true
}

/** The alert is among the others no more. False: it was not. */
export function noteOver({ others }: GroupState, { key }: AlertChange): boolean {
  const mark = markOf(key)
  if (!Object.hasOwn(others, mark)) return false
  delete others[mark]
  return true
}

/** Whether alerts fire for which there was no room. */
export function hasOthers({ others }: GroupState): boolean {
  return Object.keys(others).length > 0
}

function markOf(key: string): string {
  return hash('sha256', key, 'base64url').slice(0, 12)
}

/** Of what is written of an alert without examples and links; `group` is as long as the key. */
function charactersOf({ key, episode, summary }: AlertChange): number {
  return 2 * key.length + episode.length + summary.length
}
