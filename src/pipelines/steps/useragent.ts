import { fieldPath } from '../field-path.ts'
import { type Fields, newFields } from '../field-value.ts'
import type { Step, StepKind } from '../step.ts'
import { pathSchema } from './options.ts'

export interface UseragentOptions {
  readonly field: string
  readonly into?: string
}

/** Programs in the order in which they are looked for: most also name the ones they pretend to be. */
const programs: readonly (readonly [name: string, mark: RegExp])[] = [
  ['bot', /\b([A-Za-z-]*(?:bot|spider|crawler|slurp))\b(?:\/(\d+(?:\.\d+)?))?/i],
  ['Edge', /\bEdg(?:e|A|iOS)?\/(\d+(?:\.\d+)?)/],
  ['Opera', /\b(?:OPR|Opera)\/(\d+(?:\.\d+)?)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+(?:\.\d+)?)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+(?:\.\d+)?)/],
  ['Chrome', /\b(?:Chrome|CriOS)\/(\d+(?:\.\d+)?)/],
  ['Safari', /\bVersion\/(\d+(?:\.\d+)?)[^()]{0,40}Safari\//],
  ['Internet Explorer', /\b(?:MSIE |rv:)(\d+(?:\.\d+)?)(?=[^()]{0,80}(?:Trident|\)))/],
]
const systems: readonly (readonly [name: string, mark: RegExp])[] = [
  ['Windows', /Windows NT (\d+\.\d+)/],
  ['Android', /Android (\d+(?:\.\d+)?)/],
  ['iOS', /(?:iPhone|iPad).{0,40}? OS (\d+(?:_\d+)?)/],
  ['macOS', /Mac OS X (\d+[._]\d+)/],
  ['ChromeOS', /\bCrOS \S+ (\d+(?:\.\d+)?)/],
  ['Linux', /\bLinux\b/],
]
/** Others name themselves first: `curl/8.5.0`. */
const leading = /^([A-Za-z][\w .-]{0,40}?)\/(\d+(?:\.\d+)?)/
const lengthMax = 1000

/** Program, its version, and system of a user agent, in the few names that are searched for. */
export const useragent: StepKind<UseragentOptions> = {
  name: 'useragent',
  schema: {
    type: 'object',
    required: ['field'],
    additionalProperties: false,
    properties: { field: pathSchema, into: { ...pathSchema, default: 'userAgent' } },
  },
  compile({ field, into = 'userAgent' }): Step {
    const [path, target] = [fieldPath(field), fieldPath(into)]
    return {
      name: 'useragent',
      apply(event) {
        const text = event.get(path)
        if (typeof text !== 'string' || text === '' || text === '-') return 'next'
        event.set(target, parsed(text))
        return 'next'
      },
    }
  },
}

function parsed(original: string): Fields {
  const text = original.slice(0, lengthMax)
  const agent = newFields()
  agent.original = original
  const program = firstMatch(programs, text)
  const [, first, second] = program?.match ?? []
  const named = program === undefined ? leading.exec(text) : null
  if (program !== undefined)
    setNamed(agent, program.name === 'bot' ? first : program.name, program.name === 'bot' ? second : first)
  else if (named !== null) setNamed(agent, named[1], named[2])
  if (program?.name === 'bot') agent.isBot = true
  const system = firstMatch(systems, text)
  if (system !== undefined) {
    agent.os = newFields()
    setNamed(agent.os, system.name, system.match[1]?.replace('_', '.'))
  }
  return agent
}

function setNamed(fields: Fields, name: string | undefined, version: string | undefined): void {
  if (name !== undefined) fields.name = name
  if (version !== undefined) fields.version = version
}

function firstMatch(table: readonly (readonly [string, RegExp])[], text: string) {
  for (const [name, mark] of table) {
    const match = mark.exec(text)
    if (match !== null) return { name, match }
  }
  return undefined
}
