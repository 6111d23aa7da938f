import { isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml'
import type { NotConverted } from './blocks.ts'
import { matches, modifyCondition, path } from './fluent-bit-condition.ts'
import type { Imported, ImportedAction, ImportedStep } from './imported-step.ts'

interface Section {
  readonly kind: string
  readonly line: number
  readonly settings: readonly { readonly name: string; readonly value: string; readonly line: number }[]
}

/** The filters of a Fluent Bit configuration (its classic form, or YAML) as steps. */
export function fluentBitSteps(text: string): Imported {
  const steps: ImportedStep[] = []
  const notConverted: NotConverted[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const included = /^\s*(?:@INCLUDE\s.*|(?:includes|processors):.*)$/i.exec(line)?.[0].trim()
    if (included !== undefined) notConverted.push({ line: index + 1, what: included })
  }
  for (const section of /^pipeline:/m.test(text) ? yamlSections(text) : sectionsOf(text)) {
    if (section.kind !== 'FILTER') continue
    const name = (settingOf(section, 'name') ?? '').toLowerCase()
    const before = steps.length
    if (name === 'grep') grep(section, steps, notConverted)
    else if (name === 'modify' || name === 'record_modifier') modify(section, steps, notConverted)
    else if (name === 'throttle') throttle(section, steps)
    else notConverted.push({ line: section.line, what: `the filter ${name}${hintOf(name)}` })
    const match = settingOf(section, 'match') ?? settingOf(section, 'match_regex')
    if (steps.length > before && match !== undefined && match !== '*')
      notConverted.push({ line: section.line, what: `Match ${match}: the steps are applied to all records` })
  }
  return { steps, notConverted }
}

function sectionsOf(text: string): readonly Section[] {
  const sections: { kind: string; line: number; settings: { name: string; value: string; line: number }[] }[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith('@')) continue
    const head = /^\[(\w+)\]$/.exec(line)
    if (head !== null) sections.push({ kind: (head[1] as string).toUpperCase(), line: index + 1, settings: [] })
    else {
      const [name = '', value = ''] = line.split(/\s+(.*)/s)
      sections.at(-1)?.settings.push({ name: name.toLowerCase(), value, line: index + 1 })
    }
  }
  return sections
}

/** The same as YAML. */
function yamlSections(text: string): readonly Section[] {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const filters: unknown = document.getIn(['pipeline', 'filters'])
  if (!isSeq(filters)) return []
  return filters.items.filter(isMap).map((filter) => {
    const lineOf = (node: unknown): number => lineCounter.linePos(isNode(node) ? (node.range?.[0] ?? 0) : 0).line
    const settings = filter.items.flatMap(({ key, value }) => {
      const values = isSeq(value) ? value.items : [value]
      return values.map((one) => ({ name: String(key).toLowerCase(), value: String(one), line: lineOf(key) }))
    })
    return { kind: 'FILTER', line: lineOf(filter), settings }
  })
}

function settingOf({ settings }: Section, name: string): string | undefined {
  return settings.find((setting) => setting.name === name)?.value
}

function hintOf(name: string): string {
  if (name === 'kubernetes' || name === 'parser' || name === 'multiline')
    return ': without `format: none` millrace reads envelopes and usual formats by itself, before the steps'
  return ''
}

/** `Regex` keeps what matches, `Exclude` removes it. */
function grep({ settings }: Section, steps: ImportedStep[], notConverted: NotConverted[]): void {
  for (const { name, value, line } of settings) {
    const [field = '', expression = ''] = value.split(/\s+(.*)/s)
    const condition = matches(path(field), expression)
    if (name === 'regex') steps.push({ line, kind: 'drop', options: {}, when: `not ${condition}` })
    if (name === 'exclude') steps.push({ line, kind: 'drop', options: {}, when: condition })
    if (name === 'logical_op' && value.toLowerCase() !== 'legacy')
      notConverted.push({ line, what: `${name} ${value}: each rule is applied by itself` })
  }
}

/** Settings that every filter may have. */
const common: ReadonlySet<string> = new Set(['name', 'match', 'match_regex', 'alias', 'log_level'])

/** Its conditions hold for all of its rules, and are looked at once. */
function modify({ settings, line: start }: Section, steps: ImportedStep[], notConverted: NotConverted[]): void {
  const conditions = settings.filter(({ name }) => name === 'condition')
  const whens = conditions.map(({ value }) => modifyCondition(value))
  const unknown = conditions.filter((_, index) => whens[index] === undefined)
  for (const { line, value } of unknown)
    notConverted.push({ line, what: `the condition ${value}, with the rules of its filter` })
  if (unknown.length > 0) return
  const rules: ImportedStep[] = []
  for (const { name, value, line } of settings) {
    const [field = '', other = ''] = value.split(/\s+(.*)/s)
    const step = modification(name, path(field), other)
    if (step !== undefined) rules.push({ line, kind: 'mutate', ...step })
    else if (!common.has(name) && name !== 'condition') notConverted.push({ line, what: `${name} ${value}` })
  }
  if (conditions.length === 0) steps.push(...rules)
  else steps.push({ line: start, when: whens.join(' and '), steps: rules, else: [] })
}

function modification(
  name: string,
  field: string,
  other: string,
): Pick<ImportedAction, 'options' | 'when'> | undefined {
  switch (name) {
    case 'set':
    case 'record':
      return { options: { set: { [field]: other } } }
    case 'add':
      return { options: { set: { [field]: other } }, when: `not exists(${field})` }
    case 'rename':
      return { options: { rename: { [field]: path(other) } }, when: `not exists(${path(other)})` }
    case 'hard_rename':
      return { options: { rename: { [field]: path(other) } } }
    case 'copy':
      return { options: { copy: { [field]: path(other) } }, when: `not exists(${path(other)})` }
    case 'hard_copy':
      return { options: { copy: { [field]: path(other) } } }
    case 'remove':
    case 'remove_key':
      return { options: { remove: [field] } }
    default:
      return undefined
  }
}

function throttle(section: Section, steps: ImportedStep[]): void {
  const perInterval = Number(settingOf(section, 'rate') ?? 1)
  const windows = Number(settingOf(section, 'window') ?? 1)
  const interval = settingOf(section, 'interval') ?? '1s'
  const [, count = '1', unit = 's'] = /^(\d+)(\w*)/.exec(interval) ?? []
  const within = `${Number(count) * windows}${unit === '' ? 's' : unit}`
  steps.push({ line: section.line, kind: 'throttle', options: { events: perInterval * windows, within } })
}
