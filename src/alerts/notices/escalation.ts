import type { GroupEpisode, ReceiverState } from './group-state.ts'
import { heardBy, type Moment, quietEndMs, say } from './moment.ts'
import type { EscalationStep, ReceiverPlan } from './notice-plan.ts'
import { learn } from './receiver-turn.ts'
import { rankOf, worstOf } from './severity-order.ts'

/** The step that is reached: steps that were missed are taken together. */
function stepAt(steps: readonly EscalationStep[], episode: GroupEpisode, nowMs: number): number {
  const fromMs = episode.escalationMs ?? Number.POSITIVE_INFINITY
  return steps.findLastIndex(({ afterMs }) => fromMs + afterMs <= nowMs)
}

/** Takes the steps that are due to the receivers of the group and of the steps. Nobody escalates what is acknowledged. */
export function escalate(moment: Moment, receivers: () => Iterable<readonly [ReceiverPlan, ReceiverState]>): void {
  const { route, steps, episode, view, nowMs, wake, isRising } = moment
  if (isRising || !route.escalates || episode.acknowledgement !== null || episode.severity === null) return
  if (view.visible.length === 0) {
    // The time in which nobody could hear of it does not count.
    episode.escalationMs = null
    return
  }
  episode.escalationMs ??= nowMs - (steps[episode.escalationStep]?.afterMs ?? 0)
  const reached = stepAt(steps, episode, nowMs)
  if (reached > episode.escalationStep) {
    const teams = steps.slice(episode.escalationStep + 1, reached + 1).flatMap((step) => step.teams)
    episode.escalationStep = reached
    const timeMs = episode.escalationMs + (steps[reached] as EscalationStep).afterMs
    for (const [plan, receiver] of receivers()) {
      const alerts = heardBy(plan, view.visible).map(({ change }) => change)
      if (alerts.length === 0) continue
      const severity = worstOf(alerts.map((change) => change.severity))
      if (plan.quiet?.atEnd === 'fire' && quietEndMs(plan, severity, nowMs) !== undefined) continue
      say(moment, plan, receiver, { kind: 'escalate', alerts, timeMs, teams: [...new Set(teams)] })
      learn(receiver, alerts, nowMs)
      receiver.anchorMs = timeMs
    }
  }
  const next = steps[episode.escalationStep + 1]
  if (next !== undefined) wake.at(episode.escalationMs + next.afterMs)
}

/** News was sent, which receivers know from `knownMs` on: the escalation of its severity begins. */
export function beginEscalation({ episode, view, nowMs, wake, steps }: Moment, knownMs: number): void {
  const severity = worstOf(view.visible.map(({ change }) => change.severity))
  if (episode.severity === null || rankOf(severity) > rankOf(episode.severity)) {
    episode.severity = severity
    episode.escalationStep = 0
    episode.escalationMs = knownMs
  } else if (episode.escalationMs !== null && episode.escalationMs > Math.max(nowMs, knownMs)) {
    // It was to begin at the end of quiet hours, and somebody knows before.
    episode.escalationMs = knownMs
  }
  const next = steps[episode.escalationStep + 1]
  if (next !== undefined && episode.escalationMs !== null) wake.at(episode.escalationMs + next.afterMs)
}
