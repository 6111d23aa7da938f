import { createHash } from 'node:crypto'
import type { AlertChange } from '../alert-change.ts'
import type { ResponseAction } from '../response-action.ts'
import type { RulePlan } from '../rules/plan.ts'

/** What should be done about a change of an alert of the rule: something where it fires or gets worse, else nothing. */
export function responsesTo(change: AlertChange, plan: RulePlan | undefined): readonly ResponseAction[] {
  if (change.status !== 'firing' || plan === undefined) return []
  const { key, episode, rule, group, severity, summary, examples, timeMs } = change
  return plan.respond.map(({ action, target: field, forMs }) => {
    const target = field === undefined ? null : { field, value: group[field] ?? '' }
    return {
      id: createHash('sha256')
        .update(JSON.stringify([action, target, episode]))
        .digest('hex')
        .slice(0, idLength),
      action,
      target,
      rule,
      alert: key,
      episode,
      severity,
      reason: summary,
      examples,
      timeMs,
      untilMs: timeMs + forMs,
    }
  })
}

const idLength = 32
