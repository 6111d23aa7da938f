import { nearestOf } from '../../../core/unknown-names.ts'
import type { AlertChange } from '../../alert-change.ts'
import type { Notice } from '../../notice.ts'
import { timeText } from '../text/notice-text.ts'

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The values of a notice by name; `alert` is the first of its alerts. */
const noticeValues: Readonly<Record<string, (notice: Notice) => unknown>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  receiver: ({ receiver }) => receiver,
  dedupKey: ({ dedupKey }) => dedupKey,
  severity: ({ severity }) => severity,
  time: ({ timeMs }) => timeText(timeMs),
  timeMs: ({ timeMs }) => timeMs,
  title: ({ title }) => title,
  alerts: ({ alerts }) => alerts,
  alertCount: ({ alertCount }) => alertCount,
  escalationStep: ({ escalationStep }) => escalationStep,
  teams: ({ teams }) => teams,
}

const alertValues: Readonly<Record<string, (alert: AlertChange) => unknown>> = {
  key: ({ key }) => key,
  episode: ({ episode }) => episode,
  rule: ({ rule }) => rule,
  group: ({ group }) => group,
  status: ({ status }) => status,
  severity: ({ severity }) => severity,
  start: ({ startMs }) => timeText(startMs),
  startMs: ({ startMs }) => startMs,
  time: ({ timeMs }) => timeText(timeMs),
  timeMs: ({ timeMs }) => timeMs,
  summary: ({ summary }) => summary,
  value: ({ value }) => value,
  threshold: ({ threshold }) => threshold,
  baseline: ({ baseline }) => baseline,
  examples: ({ examples }) => examples,
  eventCount: ({ eventCount }) => eventCount,
  links: ({ links }) => links,
  labels: ({ labels }) => labels,
}

/** Values of an alert that have names of their own, such as `alert.group.service`. */
const alertMaps = ['group', 'links', 'labels'] as const

type Part = string | { readonly valueOf: (notice: Notice) => unknown; readonly isInText: boolean }

/**
 * A text of JSON in which `{{name}}` is replaced by a value of the notice. Within quotes the value becomes a part of the text,
 * with quotes and line breaks escaped; elsewhere it is written as JSON: a number, a text in quotes, a list. A value that a
 * notice does not have is empty within quotes, and `null` elsewhere.
 */
export class BodyTemplate {
  readonly #parts: readonly Part[]

  /** `problem` is called with each mistake: names that do not exist, and a text that does not become JSON. */
  constructor(text: string, problem: (sentence: string) => void) {
    const problems: string[] = []
    this.#parts = partsOf(text, (sentence) => void problems.push(sentence))
    if (problems.length === 0) problems.push(...mistakeOfJson(this.render(sample)))
    for (const sentence of problems) problem(sentence)
  }

  render(notice: Notice): string {
    return this.#parts
      .map((part) => {
        if (typeof part === 'string') return part
        const value = part.valueOf(notice)
        return part.isInText ? JSON.stringify(textOf(value)).slice(1, -1) : (JSON.stringify(value) ?? 'null')
      })
      .join('')
  }
}

function partsOf(text: string, problem: (sentence: string) => void): readonly Part[] {
  const parts: Part[] = []
  let end = 0
  let isInText = false
  for (const match of text.matchAll(placeholder)) {
    const before = text.slice(end, match.index)
    end = match.index + match[0].length
    isInText = endsInText(before, isInText)
    const name = match[1] ?? ''
    const valueOf = valueNamed(name)
    if (valueOf === undefined) problem(`{{${name}}} is no value of a notice${adviceFor(name)}`)
    else parts.push(before, { valueOf, isInText })
  }
  return [...parts, text.slice(end)]
}

/** Whether a JSON text is within quotes at its end. */
function endsInText(text: string, startsInText: boolean): boolean {
  let isInText = startsInText
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"') isInText = !isInText
    else if (isInText && text[index] === '\\') index++
  }
  return isInText
}

function valueNamed(path: string): ((notice: Notice) => unknown) | undefined {
  const [first = '', name = '', ...rest] = path.split('.')
  if (name === '' && rest.length === 0) return own(noticeValues, first)
  if (first !== 'alert') return undefined
  const inAlert = own(alertValues, name)
  if (inAlert === undefined) return undefined
  const ofAlert =
    rest.length === 0 ? inAlert : isMap(name) ? (alert: AlertChange) => own(alert[name], rest.join('.')) : undefined
  return ofAlert && (({ alerts: [alert] }) => (alert === undefined ? undefined : ofAlert(alert)))
}

function isMap(name: string): name is (typeof alertMaps)[number] {
  return (alertMaps as readonly string[]).includes(name)
}

function own<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function adviceFor(name: string): string {
  const known = [...Object.keys(noticeValues), ...Object.keys(alertValues).map((value) => `alert.${value}`)]
  const nearest = nearestOf(name, known)
  return nearest === undefined ? `: write one of ${known.join(', ')}` : `: did you mean ${nearest}?`
}

/** A value within a text. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

function mistakeOfJson(text: string): readonly string[] {
  try {
    JSON.parse(text)
    return []
  } catch (error) {
    return [`the body is no JSON when its values are filled in (${(error as Error).message}): correct it there`]
  }
}

/** Its texts hold what has to be escaped. */
const sample: Notice = {
  id: 'sample:fire:0',
  kind: 'fire',
  receiver: 'sample',
  dedupKey: 'sample',
  severity: 'high',
  timeMs: 0,
  title: 'a "title"\nof two lines \\',
  alerts: [],
  alertCount: 0,
  escalationStep: 0,
  teams: [],
}
