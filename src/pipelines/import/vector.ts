import { LineCounter, parseDocument } from 'yaml'
import type { NotConverted } from './blocks.ts'
import type { Imported, ImportedStep } from './imported-step.ts'
import { parseToml } from './toml.ts'
import { vrlCondition, vrlSteps } from './vrl.ts'

type Options = Readonly<Record<string, unknown>>

interface Transform {
  readonly name: string
  readonly line: number
  readonly options: Options
}

/** The transforms of a Vector configuration (TOML, YAML or JSON) as steps, in the order in which they are written. */
export function vectorSteps(text: string): Imported {
  const steps: ImportedStep[] = []
  const notConverted: NotConverted[] = []
  for (const transform of transformsOf(text)) {
    const { name, line, options } = transform
    const refuse = (what: string, at = line): void => void notConverted.push({ line: at, what: `${name}: ${what}` })
    const converter = converters[String(options.type)]
    if (converter === undefined) {
      refuse(`the transform ${String(options.type)}`)
      continue
    }
    const names = ['type', 'inputs', ...(known[String(options.type)] ?? [])]
    for (const option of Object.keys(options)) if (!names.includes(option)) refuse(option)
    steps.push(...converter(transform, refuse))
    for (const input of routesIn(options)) refuse(`its input ${input}: the steps are applied to all records`)
  }
  return { steps, notConverted }
}

/** Options of a transform that its steps know. All others are named. */
const known: Readonly<Record<string, readonly string[]>> = {
  remap: ['source'],
  filter: ['condition'],
  sample: ['rate', 'key_field'],
  throttle: ['threshold', 'window_secs', 'key_field'],
  route: ['route'],
}

/** Inputs that are one output of a transform: `split.errors`. */
function routesIn({ inputs }: Options): readonly string[] {
  return (Array.isArray(inputs) ? inputs : []).map(String).filter((input) => input.includes('.'))
}

type Converter = (transform: Transform, refuse: (what: string, line?: number) => void) => readonly ImportedStep[]

const converters: Readonly<Record<string, Converter>> = {
  remap: ({ line, options }, refuse) => vrlSteps(textOf(options.source, ''), line, refuse),
  filter({ line, options }, refuse) {
    const condition = conditionOf(options.condition)
    if (condition !== undefined) return [{ line, kind: 'drop', options: {}, when: `not (${condition})` }]
    refuse('its condition')
    return []
  },
  sample: ({ line, options }) => [
    {
      line,
      kind: 'sample',
      options: {
        oneIn: Number(options.rate ?? 1),
        ...(options.key_field !== undefined && { key: `%{${textOf(options.key_field, '')}}` }),
      },
    },
  ],
  throttle: ({ line, options }) => [
    {
      line,
      kind: 'throttle',
      options: {
        events: Number(options.threshold ?? 1),
        within: `${textOf(options.window_secs, '1')}s`,
        ...(options.key_field !== undefined && { key: templateOf(textOf(options.key_field, '')) }),
      },
    },
  ],
  route({ line, options }, refuse) {
    const routes: Record<string, string> = {}
    for (const [name, written] of Object.entries((options.route ?? {}) as Options)) {
      const condition = conditionOf(written)
      if (condition === undefined) refuse(`the route ${name}`)
      else routes[name.replaceAll('_', '-')] = condition
    }
    return [{ line, kind: 'route', options: routes }]
  },
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise
}

/** `{{ service }}`. */
function templateOf(text: string): string {
  return text.replaceAll(/\{\{\s*([^{}\s]+)\s*\}\}/g, '%{$1}')
}

function conditionOf(written: unknown): string | undefined {
  if (typeof written === 'string') return vrlCondition(written)
  const { source } = (written ?? {}) as { readonly source?: unknown }
  return typeof source === 'string' ? vrlCondition(source) : undefined
}

function transformsOf(text: string): readonly Transform[] {
  return /^\s*\[/m.test(text) && !text.trimStart().startsWith('{') && !/^transforms:/m.test(text)
    ? fromToml(text)
    : fromYaml(text)
}

function fromToml(text: string): readonly Transform[] {
  const { root, lines } = parseToml(text)
  return Object.entries((root.transforms ?? {}) as Options).map(([name, options]) => ({
    name,
    line: lines.get(`transforms.${name}`) ?? 1,
    options: options as Options,
  }))
}

function fromYaml(text: string): readonly Transform[] {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const root = document.toJS() as { readonly transforms?: Readonly<Record<string, Options>> | null } | null
  const transforms = root?.transforms ?? {}
  return Object.entries(transforms).map(([name, options]) => {
    const node = document.getIn(['transforms', name], true) as { readonly range?: readonly number[] } | undefined
    return { name, line: lineCounter.linePos(node?.range?.[0] ?? 0).line, options }
  })
}
