import { type AlertChange, type ResponseAction, responsesTo, type RulePlan } from '../../src/alerts/index.ts'
import { json, type KStream, string } from '../../src/index.ts'

export interface RespondOptions {
  readonly rules: readonly RulePlan[]
  readonly topic: string
}

/** Writes what should be done about alerts that fire. The key is the action and for whom: one partition has all of it. */
export function respond(
  changes: KStream<string, AlertChange, boolean, boolean>,
  { rules, topic }: RespondOptions,
): void {
  const plans = new Map(rules.map((plan) => [plan.name, plan]))
  changes
    .flatMap(
      (_, change) => responsesTo(change, plans.get(change.rule)).map((action) => [keyOf(action), action] as const),
      {
        name: 'responses',
      },
    )
    .to(topic, { name: 'to-responses', key: string(), value: json<ResponseAction>() })
}

function keyOf({ action, target, alert }: ResponseAction): string {
  return `${action}/${target?.value ?? alert}`
}
