import { compileCondition } from '../conditions/condition.ts'
import type { ImportedStep } from './imported-step.ts'

const path = String.raw`\.([A-Za-z_@][\w@.]*)`
const text = String.raw`"((?:[^"\\]|\\.)*)"`

type Form = readonly [RegExp, (parts: readonly string[]) => Pick<ImportedStep, 'kind' | 'options'>]

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
    whole(`\\.timestamp = parse_timestamp!?\\(${string},(?: format:)? ?${text}\\)`),
    ([field, pattern = '']) => ({ kind: 'date', options: { field, patterns: [unescaped(pattern)] } }),
  ],
]

/** The field is copied first, where its value goes into another one. */
function changed(from: string, to: string, change: object): Pick<ImportedStep, 'kind' | 'options'> {
  return mutate({ ...(from !== to && { copy: { [from]: to } }), ...change })
}

function mutate(options: object): Pick<ImportedStep, 'kind' | 'options'> {
  return { kind: 'mutate', options }
}

function unescaped(written: string): string {
  return JSON.parse(`"${written}"`) as string
}

/** How many blocks a line opens, less those that it closes. */
function bracesOf(statement: string): number {
  const code = statement.replaceAll(/[rs]?'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, '')
  return code.split('{').length - code.split('}').length
}

/** The program of a remap transform, statement by statement. `line` is that of its transform. */
export function vrlSteps(
  program: string,
  line: number,
  refuse: (what: string, line?: number) => void,
): readonly ImportedStep[] {
  const steps: ImportedStep[] = []
  let openBlocks = 0
  for (const written of program.split('\n')) {
    const statement = written.replace(/^\s*#.*/, '').trim()
    if (statement === '') continue
    // What a block holds is for some events only: it is named with the block, and not applied to all.
    const isInBlock = openBlocks > 0
    openBlocks += bracesOf(statement)
    if (isInBlock || openBlocks > 0) {
      refuse(statement)
      continue
    }
    const dropped = /^if (.*) \{ abort \}$/.exec(statement)
    const when = dropped === null ? undefined : vrlCondition(dropped[1] as string)
    const form = statements.find(([expression]) => expression.test(statement))
    if (when !== undefined) steps.push({ line, kind: 'drop', options: {}, when })
    else if (form === undefined) refuse(statement)
    else steps.push({ line, ...form[1]((form[0].exec(statement) ?? []).slice(1)) })
  }
  return steps
}

const conditions: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`exists\\(${path}\\)`, 'g'), 'exists($1)'],
  [new RegExp(`contains\\((?:string!?\\()?${path}\\)?, (${text})\\)`, 'g'), '$1 contains $2'],
  [new RegExp(`match!?\\((?:string!?\\()?${path}\\)?, r'((?:[^'\\\\]|\\\\.)*)'\\)`, 'g'), "$1 matches '$2'"],
  [new RegExp(`${path} (==|!=|<=|>=|<|>) `, 'g'), '$1 $2 '],
  [/&&/g, 'and'],
  [/\|\|/g, 'or'],
  [/!\s*(?=exists|\(|[a-z])/g, 'not '],
]

/** A condition of VRL as one of ours; undefined where it has no counterpart. */
export function vrlCondition(written: string): string | undefined {
  const converted = conditions.reduce((result, [form, ours]) => result.replace(form, ours), written.trim())
  try {
    compileCondition(converted)
    return converted
  } catch {
    return undefined
  }
}
