import { copyOf } from '../pipelines/field-value.ts'
import { LogEvent, newFields } from '../pipelines/index.ts'
import { valueText } from '../pipelines/fields-text.ts'
import { durationMs } from '../pipelines/steps/options.ts'
import type { AlertChange } from './alert-change.ts'
import { AlertPlay } from './alert-play.ts'
import type { ExpectedChange, RuleExample } from './rules/definition.ts'
import type { RulePlan } from './rules/plan.ts'

/** An example that was run. */
export interface AlertExampleResult {
  /** Name of the rule. */
  readonly rule: string
  /** The one that was run. */
  readonly example: RuleExample
  /** What the rule made of it, without changes that nobody expects. */
  readonly changes: readonly AlertChange[]
  /** A sentence for each change that came out otherwise. Empty: it is right. */
  readonly differences: readonly string[]
}

/** A Tuesday: rules that know hours and weekdays begin there. */
const beginMs = Date.parse('2026-11-24T08:00:00Z')
const hourMs = 3_600_000

/** Runs the examples of rules, each by itself. A correlation is run together with the rules that it names. */
export function runAlertExamples(plans: readonly RulePlan[]): readonly AlertExampleResult[] {
  return plans.flatMap((plan) =>
    (plan.definition.examples ?? []).map((example) => resultOf(plan, withNamed(plan, plans), example)),
  )
}

function withNamed(plan: RulePlan, plans: readonly RulePlan[]): readonly RulePlan[] {
  const { watch } = plan
  return watch.by === 'correlation' ? [...plans.filter(({ name }) => watch.rules.includes(name)), plan] : [plan]
}

function resultOf(plan: RulePlan, plans: readonly RulePlan[], example: RuleExample): AlertExampleResult {
  const play = new AlertPlay(plans)
  const logs = logsOf(example)
  for (const log of logs) play.log(log)
  const untilMs =
    example.until === undefined ? (logs.at(-1)?.receivedMs ?? beginMs) + hourMs : beginMs + durationMs(example.until)
  play.advance(untilMs)
  const changes = comparedOf(
    play.changes.filter(({ rule }) => rule === plan.name),
    example,
  )
  return { rule: plan.name, example, changes, differences: differencesOf(changes, example.expect, plan.everyMs) }
}

function logsOf({ logs }: RuleExample): readonly LogEvent[] {
  const events = logs.flatMap(({ at, times = 1, every = '1s', log }) =>
    Array.from({ length: times }, (_, index) => {
      const fields = Object.assign(newFields(), log)
      const { message } = log
      const line = typeof message === 'string' ? message : valueText(fields)
      const event = new LogEvent(line, beginMs + durationMs(at) + index * durationMs(every), 'example')
      for (const [name, value] of Object.entries(fields)) event.fields[name] = copyOf(value)
      return event
    }),
  )
  return events.sort((left, right) => left.receivedMs - right.receivedMs)
}

/** Without changes to pending that nobody expects, and without changes of the value alone. */
function comparedOf(changes: readonly AlertChange[], { expect }: RuleExample): readonly AlertChange[] {
  const comparesPending = expect.some(({ status }) => status === 'pending')
  const severities = new Map<string, string>()
  return changes.filter(({ key, status, severity }) => {
    const shown = `${status} ${severity}`
    const isSame = severities.get(key) === shown
    severities.set(key, shown)
    return !isSame && (status !== 'pending' || comparesPending)
  })
}

function differencesOf(
  changes: readonly AlertChange[],
  expected: readonly ExpectedChange[],
  everyMs: number,
): readonly string[] {
  return Array.from({ length: Math.max(changes.length, expected.length) }, (_, index) => {
    const [change, wanted] = [changes[index], expected[index]]
    if (change !== undefined && wanted !== undefined && isAsExpected(change, wanted)) return ''
    const expectedText = wanted === undefined ? 'nothing' : wantedText(wanted)
    const foundText = change === undefined ? 'nothing' : changeText(change)
    return `${expectedText} expected, ${foundText} found${roundingText(change, wanted, everyMs)}`
  }).filter((difference) => difference !== '')
}

/** Says why a time differs where its rounding is the whole difference. */
function roundingText(change: AlertChange | undefined, wanted: ExpectedChange | undefined, everyMs: number): string {
  if (change === undefined || wanted === undefined) return ''
  const atMs = Math.floor(durationMs(wanted.at) / everyMs) * everyMs
  if (!isAsExpected(change, { ...wanted, at: `${atMs}ms` })) return ''
  return `: times are rounded down to multiples of every, which is ${everyMs / 1000}s`
}

function isAsExpected(change: AlertChange, wanted: ExpectedChange): boolean {
  const group = Object.entries(wanted.group ?? {})
  return (
    change.status === wanted.status &&
    change.timeMs === beginMs + durationMs(wanted.at) &&
    (wanted.severity ?? change.severity) === change.severity &&
    Math.abs((wanted.value ?? change.value) - change.value) <= Math.abs(change.value) * 1e-6 &&
    group.every(([name, value]) => change.group[name] === value)
  )
}

function wantedText({ at, status, severity, group, value }: ExpectedChange): string {
  return partsText(status, durationMs(at), severity, group, value)
}

function changeText({ status, timeMs, severity, group, value }: AlertChange): string {
  return partsText(status, timeMs - beginMs, severity, group, value)
}

function partsText(
  status: string,
  sinceMs: number,
  severity: string | undefined,
  group: Readonly<Record<string, string>> | undefined,
  value: number | undefined,
): string {
  const groupText = Object.entries(group ?? {}).map(([name, text]) => `${name} ${text}`)
  const parts = [
    `${status} at ${sinceMs / 1000}s`,
    severity,
    ...groupText,
    value === undefined ? value : `value ${value}`,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}
