import { compileCondition } from '../conditions/condition.ts'
import type { ImportedAction, ImportedStep } from './imported-step.ts'
import { parseVrl, type VrlBranch, type VrlStatement } from './vrl-parser.ts'

const path = String.raw`\.([A-Za-z_@][\w@.]*)`
const text = String.raw`"((?:[^"\\]|\\.)*)"`

type Form = readonly [RegExp, (parts: readonly string[]) => Pick<ImportedAction, 'kind' | 'options'>]

const whole = (source: string): RegExp => new RegExp(`^${source}$`)
const string = String.raw`(?:string!?\()?${path}\)?`

/** The statements of VRL that have a counterpart. */
const statements: readonly Form[] = [
  [whole(`${path} = del\\(${path}\\)`), ([to = '', from = '']) => mutate({ rename: { [from]: to } })],
  [whole(`del\\(${path}\\)`), ([field]) => mutate({ remove: [field] })],
  [whole(`${path} = ${text}`), ([field = '', value = '']) => mutate({ set: { [field]: value } })],
  [
    whole(`${path} = (-?\\d+(?:\\.\\d+)?|true|false)`),
    ([field = '', value = '']) => mutate({ set: { [field]: JSON.parse(value) as unknown } }),
  ],
  [whole(`${path} = downcase\\(${string}\\)`), ([to = '', from = '']) => changed(from, to, { lowercase: [to] })],
  [whole(`${path} = upcase\\(${string}\\)`), ([to = '', from = '']) => changed(from, to, { uppercase: [to] })],
  [whole(`${path} = strip_whitespace\\(${string}\\)`), ([to = '', from = '']) => changed(from, to, { trim: [to] })],
  [
    whole(`${path} = to_(?:int|float)!?\\(${path}\\)`),
    ([to = '', from = '']) => changed(from, to, { convert: { [to]: 'number' } }),
  ],
  [
    whole(`${path} = to_string!?\\(${path}\\)`),
    ([to = '', from = '']) => changed(from, to, { convert: { [to]: 'text' } }),
  ],
  [
    whole(`${path} = to_bool!?\\(${path}\\)`),
    ([to = '', from = '']) => changed(from, to, { convert: { [to]: 'boolean' } }),
  ],
  [whole(`${path} = ${path}`), ([to = '', from = '']) => mutate({ copy: { [from]: to } })],
  [
    whole(`\\. ?(?:= |\\|= |= merge\\(\\., )(?:object!?\\()?parse_json!?\\(${string}\\)\\)?`),
    ([field]) => ({ kind: 'json', options: { field } }),
  ],
  [
    whole(`\\. ?(?:= |\\|= |= merge\\(\\., )parse_(?:key_value|logfmt)!?\\(${string}\\)\\)?`),
    ([field]) => ({ kind: 'kv', options: { field } }),
  ],
  [
    whole(`\\. ?(?:= |\\|= |= merge\\(\\., )parse_grok!?\\(${string}, ${text}\\)\\)?`),
    ([field, pattern = '']) => ({ kind: 'grok', options: { field, match: unescaped(pattern) } }),
  ],
  [
    whole(`${path} = parse_json!?\\(${string}\\)`),
    ([into, field]) => ({ kind: 'json', options: { field, into, keep: true } }),
  ],
  [whole(`\\.tags = push\\(\\.tags, ${text}\\)`), ([tag = '']) => mutate({ tag: [unescaped(tag)] })],
  [
    whole(`\\.timestamp = parse_timestamp!?\\(${string},(?: format:)? ?${text}\\)(?: \\?\\? now\\(\\))?`),
    ([field, pattern = '']) => ({ kind: 'date', options: { field, patterns: [unescaped(pattern)] } }),
  ],
]

/** The field is copied first, where its value goes into another one. */
function changed(from: string, to: string, change: object): Pick<ImportedAction, 'kind' | 'options'> {
  return mutate({ ...(from !== to && { copy: { [from]: to } }), ...change })
}

function mutate(options: object): Pick<ImportedAction, 'kind' | 'options'> {
  return { kind: 'mutate', options }
}

function unescaped(written: string): string {
  return JSON.parse(`"${written}"`) as string
}

/** The program of a remap transform. `line` is that of its transform. */
export function vrlSteps(
  program: string,
  line: number,
  refuse: (what: string, line?: number) => void,
): readonly ImportedStep[] {
  const stepsOf = (found: readonly VrlStatement[]): readonly ImportedStep[] =>
    found.flatMap((statement) => (statement.kind === 'if' ? branchesOf(statement.branches) : stepOf(statement.text)))
  const stepOf = (statement: string): readonly ImportedStep[] => {
    if (/^abort\b/.test(statement)) return [{ line, kind: 'drop', options: {} }]
    const form = statements.find(([expression]) => expression.test(statement))
    if (form !== undefined) return [{ line, ...form[1]((form[0].exec(statement) ?? []).slice(1)) }]
    refuse(statement.replaceAll(/\s+/g, ' '))
    return []
  }
  /** `else if` is a branch in the `else` of the one before it. */
  const branchesOf = ([first, ...others]: readonly VrlBranch[]): readonly ImportedStep[] => {
    if (first === undefined) return []
    if (first.condition === undefined) return stepsOf(first.body)
    const when = vrlCondition(first.condition)
    if (when !== undefined) return [{ line, when, steps: stepsOf(first.body), else: branchesOf(others) }]
    const behind = others.length > 0 ? ' and the branches behind it' : ''
    refuse(`the condition ${first.condition}, with what it holds${behind}`)
    return []
  }
  return stepsOf(parseVrl(program))
}

/** A field, also one whose type is named: `string!(.level)`, `to_int!(.status)`. */
const typed = `(?:(?:to_)?(?:string|int|float|bool)!?\\(${path}\\)|${path})`
const list = String.raw`\[((?:\s*(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?)\s*,?)+)\]`

const conditions: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`exists\\(${path}\\)`, 'g'), 'exists($1)'],
  [new RegExp(`!is_null\\(${path}\\)`, 'g'), 'exists($1)'],
  [new RegExp(`is_null\\(${path}\\)`, 'g'), 'not exists($1)'],
  [new RegExp(`contains\\(${typed}, (${text})\\)`, 'g'), '$1$2 contains $3'],
  [new RegExp(`includes\\(${list}, ${typed}\\)`, 'g'), '$2$3 in [$1]'],
  [new RegExp(`includes\\(${typed}, (${text})\\)`, 'g'), '$1$2 contains $3'],
  [new RegExp(`match!?\\(${typed}, r'((?:[^'\\\\]|\\\\.)*)'\\)`, 'g'), "$1$2 matches '$3'"],
  [new RegExp(`${typed} (==|!=|<=|>=|<|>) `, 'g'), '$1$2 $3 '],
]

/** Signs outside of texts. */
const signs: readonly (readonly [RegExp, string])[] = [
  [/("(?:[^"\\]|\\.)*")|&&/g, 'and'],
  [/("(?:[^"\\]|\\.)*")|\|\|/g, 'or'],
  [/("(?:[^"\\]|\\.)*")|!\s*(?=exists|\(|[a-z])/g, 'not '],
]

/** A condition of VRL as one of ours; undefined where it has no counterpart. */
export function vrlCondition(written: string): string | undefined {
  const named = conditions.reduce((result, [form, ours]) => result.replace(form, ours), written.trim())
  const converted = signs.reduce(
    (result, [form, ours]) => result.replaceAll(form, (_, quoted?: string) => quoted ?? ours),
    named,
  )
  try {
    compileCondition(converted)
    return converted
  } catch {
    return undefined
  }
}
