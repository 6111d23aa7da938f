import type { AlertChange } from '../alert-change.ts'

/**
 * Which alerts are meant: for each name a text, or several of which one has to fit. `*` is any text; a text that begins
 * with `!` must not fit. Names are `rule`, `severity`, `alert` (the key of the alert), the fields that the rule groups by,
 * and labels. A name that an alert does not have is the empty text.
 *
 * @example
 * ```ts
 * const match = { severity: ['high', 'critical'], service: 'pay-*', team: '!sandbox' }
 * ```
 */
export type Match = Readonly<Record<string, string | readonly string[]>>

/** Whether an alert is meant. */
export type Matcher = (change: AlertChange) => boolean

/** The value that an alert has under a name of `Match`. */
export function factOf(change: AlertChange, name: string): string {
  switch (name) {
    case 'rule':
      return change.rule
    case 'severity':
      return change.severity
    case 'alert':
      return change.key
    default:
      return ownText(change.group, name) ?? ownText(change.labels, name) ?? ''
  }
}

function ownText(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}

/** Every name has to fit; without names, every alert does. */
export function compileMatch(match: Match): Matcher {
  const parts = Object.entries(match).map(([name, texts]) => {
    const fits = oneOf(typeof texts === 'string' ? [texts] : texts)
    return (change: AlertChange) => fits(factOf(change, name))
  })
  return (change) => parts.every((fits) => fits(change))
}

/** Whether one alert may be meant by both; in doubt it may. */
export function mayMeanTheSame(left: Match, right: Match): boolean {
  return Object.entries(left).every(([name, texts]) => {
    const others = right[name]
    return others === undefined || mayFitBoth([texts].flat(), [others].flat())
  })
}

/** Only texts without a star can be tried. */
function mayFitBoth(left: readonly string[], right: readonly string[]): boolean {
  const [fitsLeft, fitsRight] = [oneOf(left), oneOf(right)]
  const wanted = [left, right].map((texts) => texts.filter((text) => !text.startsWith('!')))
  const exact = wanted.find((texts) => texts.length > 0 && texts.every((text) => !text.includes('*')))
  return exact === undefined || exact.some((text) => fitsLeft(text) && fitsRight(text))
}

function oneOf(texts: readonly string[]): (value: string) => boolean {
  const wanted = texts.filter((text) => !text.startsWith('!')).map(wildcard)
  const refused = texts.filter((text) => text.startsWith('!')).map((text) => wildcard(text.slice(1)))
  return (value) => (wanted.length === 0 || wanted.some((fits) => fits(value))) && !refused.some((fits) => fits(value))
}

/** Finds the parts between stars from left to right: its time is bounded by the product of the lengths, for any text. */
function wildcard(text: string): (value: string) => boolean {
  const [first = '', ...rest] = text.split('*')
  const last = rest.pop()
  if (last === undefined) return (value) => value === text
  return (value) => {
    if (!value.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = value.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return value.length - last.length >= at && value.endsWith(last)
  }
}
