import type { GroupState } from './group-state.ts'

/** A clock may be set back: nothing that has happened is in the future, or it would hold up what comes after it. */
export function followClock(state: GroupState, nowMs: number): void {
  const { seenMs, episode } = state
  state.seenMs = nowMs
  if (nowMs >= seenMs) return
  for (const alert of Object.values(state.alerts)) alert.sinceMs = Math.min(alert.sinceMs, nowMs)
  let knownMs = nowMs
  for (const receiver of Object.values(state.receivers)) {
    receiver.newsMs = receiver.newsMs === null ? null : Math.min(receiver.newsMs, nowMs)
    receiver.anchorMs = Math.min(receiver.anchorMs, nowMs)
    knownMs = Math.max(knownMs, receiver.heldUntilMs ?? 0)
  }
  // It may begin at the end of quiet hours.
  if (episode?.escalationMs != null) episode.escalationMs = Math.min(episode.escalationMs, knownMs)
}
