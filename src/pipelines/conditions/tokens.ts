import { PipelineMistake } from '../mistake.ts'

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'expression' | 'sign' | 'end'
  readonly text: string
  /** Column of the condition, from 1. */
  readonly column: number
}

const blanks = /\s*/y
const forms: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /-?\d+(?:\.\d+)?/y],
  ['name', /(?:\[[A-Za-z_@][^[\]'",]*\])+|[A-Za-z_@][\w@-]*(?:\.[\w@-]+)*/y],
  ['sign', /[=!]=|[<>]=?|[(),[\]]/y],
]

/** Signs of other languages, and what they are here. */
const foreign: Readonly<Record<string, string>> = { '=': '==', '=~': 'matches', '&': 'and', '|': 'or', '!': 'not' }
const foreignSign = /=~|[=&|!]/y

/** The parts of a condition. Throws a PipelineMistake that names the column. */
export function tokensOf(condition: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    blanks.lastIndex = at
    at += blanks.exec(condition)?.[0].length ?? 0
    if (at === condition.length) return [...tokens, { kind: 'end', text: 'the end', column: at + 1 }]
    const { token, end } = tokenAt(condition, at)
    tokens.push(token)
    at = end
  }
}

function tokenAt(condition: string, at: number): { readonly token: Token; readonly end: number } {
  const column = at + 1
  const first = condition[at] as string
  if (first === "'" || first === '"') return quoted(condition, at, first, 'text')
  if (first === '/') return quoted(condition, at, first, 'expression')
  for (const [kind, form] of forms) {
    form.lastIndex = at
    const text = form.exec(condition)?.[0]
    if (text !== undefined) return { token: { kind, text, column }, end: at + text.length }
  }
  foreignSign.lastIndex = at
  const sign = foreignSign.exec(condition)?.[0] ?? first
  const fix = foreign[sign] === undefined ? 'put texts between quotes' : `write ${foreign[sign]}`
  throw new PipelineMistake(`${sign} at column ${column} is not part of a condition: ${fix}`)
}

function quoted(condition: string, from: number, quote: string, kind: 'text' | 'expression') {
  let text = ''
  for (let at = from + 1; at < condition.length; at++) {
    const character = condition[at] as string
    if (character === quote) return { token: { kind, text, column: from + 1 }, end: at + 1 }
    const next = condition[at + 1]
    if (character === '\\' && (next === quote || (kind === 'text' && next === '\\'))) {
      text += next
      at++
    } else text += character
  }
  throw new PipelineMistake(`the ${quote} at column ${from + 1} has no end: close it with ${quote}`)
}
