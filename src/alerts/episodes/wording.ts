import { type Fields, LogEvent } from '../../pipelines/index.ts'
import { shownNumber } from '../evaluation/reading.ts'
import type { RulePlan } from '../rules/plan.ts'
import type { GroupValues } from '../rules/read-log.ts'
import { wholeCharacters } from '../rules/whole-characters.ts'
import type { AlertChange } from '../alert-change.ts'

const valueLengthMax = 200

/** Summary and links of a change, in the words of the rule. */
export function worded(
  plan: RulePlan,
  group: GroupValues,
  change: Pick<AlertChange, 'severity' | 'timeMs' | 'value' | 'threshold' | 'baseline' | 'eventCount'>,
  found: string,
): Pick<AlertChange, 'summary' | 'links'> {
  const { groupBy } = plan.read
  const shown = (value: number) => (isShare(plan) ? `${shownNumber(value * 100)} %` : shownNumber(value))
  const values = group.map((value) => value.slice(0, valueLengthMax))
  const event = new LogEvent('', change.timeMs, '')
  Object.assign(event.fields, {
    rule: plan.name,
    severity: change.severity,
    group: groupBy.map(({ text }, index) => `${text} ${values[index]}`).join(', '),
    value: shown(change.value),
    threshold: shown(change.threshold),
    baseline: change.baseline === null ? 'unknown' : shownNumber(change.baseline),
    found,
    count: String(change.eventCount),
    window: windowText(plan),
  } satisfies Fields)
  for (const [index, path] of groupBy.entries()) event.set(path, values[index] ?? '')
  const links = Object.entries(plan.links).map(
    ([name, link]) => [name, link(event, (_, text) => encodeURIComponent(wholeCharacters(text)))] as const,
  )
  return { summary: plan.summary(event), links: Object.fromEntries(links) }
}

function isShare({ watch }: RulePlan): boolean {
  return watch.by === 'window' && watch.measure.of === 'share'
}

function windowText({ definition }: RulePlan): string {
  return definition.kind === 'burn-rate' ? (definition.windows[0]?.long ?? '') : definition.window
}
