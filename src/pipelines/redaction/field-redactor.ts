import { type FieldPath, fieldAt, fieldPath, removeFieldAt, setFieldAt } from '../field-path.ts'
import { ExactNumber, type Fields, type FieldValue, isFields } from '../field-value.ts'
import { valueText } from '../fields-text.ts'
import { isCardNumber } from './detectors/card.ts'
import { LookBudget } from './look-budget.ts'
import { Masks } from './masks.ts'
import { type RedactionRule, type RedactionRules, rulesOfTexts } from './rules.ts'
import { TextScanner } from './text-scanner.ts'

/** Deeper values are written out as text and redacted as such. */
const depthMost = 100

/** Rules for the same fields, compiled together. */
interface Group {
  /** Empty: all fields. */
  readonly paths: readonly FieldPath[]
  readonly scanner: TextScanner
  readonly masks: Masks
  readonly budget: LookBudget
  /** The number of the rule for cards that are stored as numbers; -1: none. */
  readonly cardRule: number
  /** The number of the rule that hides its fields whatever they hold; -1: none. */
  readonly wholeRule: number
}

const originalOfEvents = fieldPath('event.original')

/** Hides what rules name in the fields of an event. */
export class FieldRedactor {
  readonly #groups: Group[]
  readonly #budget = new LookBudget()

  constructor({ rules, hashKey }: RedactionRules) {
    const groups = new Map<string, RedactionRule[]>()
    for (const rule of rules) {
      const fields = JSON.stringify(rule.fields ?? [])
      groups.set(fields, [...(groups.get(fields) ?? []), rule])
    }
    const group = (members: readonly RedactionRule[], paths: readonly FieldPath[]): Group => ({
      paths,
      scanner: new TextScanner(members, this.#budget),
      masks: new Masks(members, hashKey),
      budget: this.#budget,
      cardRule: members.findIndex(({ detector }) => detector === 'card'),
      wholeRule: members.findIndex(({ names, detector }) => names === undefined && detector === undefined),
    })
    this.#groups = [...groups.values()].map((members) => group(members, (members[0]?.fields ?? []).map(fieldPath)))
    // The line as it came holds all fields in one text.
    const ofFields = rules.filter(({ fields }) => fields !== undefined)
    if (ofFields.length > 0) this.#groups.push(group(rulesOfTexts(ofFields), [originalOfEvents]))
  }

  /** A field of this name is judged by its name in every document, however much of it was looked at before. */
  learn(name: string): void {
    for (const { scanner } of this.#groups) scanner.names.ruleOf(name)
  }

  redact(fields: Fields): readonly string[] {
    const found = new Set<string>()
    this.#budget.refill()
    for (const group of this.#groups) {
      group.masks.forget()
      if (group.paths.length === 0) redactMembers(fields, group, -1, 0)
      else for (const path of group.paths) redactAt(fields, path, group)
      for (const name of group.masks.found) found.add(name)
    }
    return [...found]
  }
}

function redactAt(fields: Fields, path: FieldPath, group: Group): void {
  const value = fieldAt(fields, path)
  if (value === undefined) return
  const named = group.scanner.ruleOf(path.names.at(-1) ?? '')
  const rule = named < 0 ? group.wholeRule : named
  if (rule >= 0 && group.masks.isDropped(rule)) {
    group.masks.of(rule, '')
    removeFieldAt(fields, path)
    return
  }
  const hidden = redactedValue(value, group, rule, 0)
  if (hidden !== value) setFieldAt(fields, path, hidden)
}

/** `secretRule`: the rule of the field that these are members of; -1: none. */
function redactMembers(fields: Fields, group: Group, secretRule: number, depth: number): void {
  const { scanner, masks } = group
  for (const name of Object.keys(fields)) {
    const value = fields[name] as FieldValue
    const named = scanner.ruleOf(name)
    const rule = named < 0 ? secretRule : named
    if (named >= 0 && masks.isDropped(named)) {
      masks.of(named, '')
      delete fields[name]
      continue
    }
    const hidden = redactedValue(value, group, rule, depth)
    if (hidden !== value) fields[name] = hidden
    if (!scanner.scan(name)) continue
    delete fields[name]
    fields[masks.write(name, scanner)] = hidden
  }
}

/** The same value where nothing is hidden in it; objects are changed in place. */
function redactedValue(value: FieldValue, group: Group, rule: number, depth: number): FieldValue {
  const { scanner, masks, cardRule, wholeRule } = group
  if (typeof value === 'string') {
    if (rule >= 0) return isWorthHiding(value, false) ? masks.of(rule, value) : value
    return scanner.scan(value) ? masks.write(value, scanner) : value
  }
  if (value === null) return value
  if (typeof value === 'boolean') return rule >= 0 && rule === wholeRule ? masks.of(rule, String(value)) : value
  if (typeof value === 'number' || value instanceof ExactNumber) {
    const text = typeof value === 'number' ? String(value) : value.text
    if (rule >= 0) return isWorthHiding(text, scanner.isWeak(rule)) ? masks.of(rule, text) : value
    return cardRule >= 0 && isNumberOfCard(text) ? masks.of(cardRule, text) : value
  }
  if (depth >= depthMost) return redactedValue(valueText(value), group, rule, depth)
  if (isFields(value)) {
    redactMembers(value, group, rule, depth + 1)
    return value
  }
  return redactedList(value, group, rule, depth)
}

/** What is left of a list where the budget is spent is hidden as a whole. */
function redactedList(list: readonly FieldValue[], group: Group, rule: number, depth: number): FieldValue {
  const { scanner, masks, budget } = group
  const shown: FieldValue[] = []
  let isChanged = false
  for (const item of list) {
    if (budget.isSpent) return [...shown, masks.of(scanner.unread, '')]
    const hidden = redactedValue(item, group, rule, depth + 1)
    isChanged ||= hidden !== item
    shown.push(hidden)
  }
  return isChanged ? shown : list
}

export function isNumberOfCard(text: string): boolean {
  return text.length >= 13 && text.length <= 19 && /^\d+$/.test(text) && isCardNumber(text)
}

const shortNumber = 4

/** A value behind a secret name; false where it is empty, hidden before, or a small number behind a usual word. */
export function isWorthHiding(value: string, isUsualWord: boolean): boolean {
  return value !== '' && !(isUsualWord && value.length < shortNumber) && !/^\[redacted:[^\]]*\]$/.test(value)
}
