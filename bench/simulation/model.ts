import type { History, Input, PartName } from './history.ts'

/**
 * What a part has to write, whatever the order in which its tasks come to it.
 * - `each`: each of these values of a key exactly once, in any order; `may` once at most
 * - `last`: the last value of each key; undefined where the last is a deletion or there is none
 * - `list`: the last value of each key is these words in any order, and each value before it is the beginning of it
 */
export type Expected =
  | {
      readonly kind: 'each'
      readonly values: ReadonlyMap<string, readonly string[]>
      readonly may?: ReadonlyMap<string, readonly string[]>
    }
  | { readonly kind: 'last'; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'list' | 'closed list'; readonly values: ReadonlyMap<string, readonly string[]> }

/** The numbers of `parts.ts`, said again. */
const windowMs = 1000
const differenceMs = 300

type Model = (inputs: readonly Input[], startMs: number) => Expected

class Lists {
  readonly values = new Map<string, string[]>()

  add(key: string, value: string): void {
    const list = this.values.get(key)
    if (list === undefined) this.values.set(key, [value])
    else list.push(value)
  }
}

function windowed(kind: 'list' | 'closed list', keyOf: (input: Input) => string): Model {
  return (inputs, startMs) => {
    const lists = new Lists()
    for (const input of inputs) {
      const timeMs = startMs + input.timeMs
      lists.add(`${keyOf(input)}@${timeMs - (timeMs % windowMs)}`, input.value ?? '')
    }
    return { kind, values: lists.values }
  }
}

const models: Readonly<Record<PartName, Model>> = {
  stateless(inputs) {
    const lists = new Lists()
    for (const { key, value } of inputs) {
      lists.add(key, `${value}/a`)
      lists.add(key, `${value}/b`)
    }
    return { kind: 'each', values: lists.values }
  },
  held(inputs) {
    const lists = new Lists()
    for (const { key, value } of inputs) lists.add(key, value ?? '')
    return { kind: 'each', values: lists.values }
  },
  windows: windowed('list', ({ value }) => (value ?? '').split('-')[1] ?? ''),
  suppress: windowed('closed list', ({ key }) => key),
  tables(inputs) {
    const last = new Map(inputs.map(({ topic, key, value }) => [`${topic} ${key}`, value]))
    const values = new Map<string, string>()
    for (const { key } of inputs) {
      const [user, profile] = [last.get(`users ${key}`), last.get(`profiles ${key}`)]
      if (user && profile) values.set(key, `${user}+${profile}`)
    }
    return { kind: 'last', values }
  },
  // A record that comes after the end of its window is written without a partner, and with those that come later.
  streams(inputs) {
    const [lists, may] = [new Lists(), new Lists()]
    const [lefts, rights] = ['lefts', 'rights'].map((topic) => inputs.filter((input) => input.topic === topic))
    const isPair = (left: Input, right: Input) =>
      left.key === right.key && Math.abs(left.timeMs - right.timeMs) <= differenceMs
    for (const left of lefts ?? []) {
      const partners = (rights ?? []).filter((right) => isPair(left, right))
      for (const right of partners) lists.add(left.key, `${left.value}|${right.value}`)
      const alone = partners.length === 0 ? lists : may
      alone.add(left.key, `${left.value}|`)
    }
    for (const right of rights ?? []) {
      const alone = (lefts ?? []).some((left) => isPair(left, right)) ? may : lists
      alone.add(right.key, `|${right.value}`)
    }
    return { kind: 'each', values: lists.values, may: may.values }
  },
  deduplicate(inputs) {
    const first = new Map<string, string[]>()
    for (const { key, value } of inputs) if (!first.has(key)) first.set(key, [value ?? ''])
    return { kind: 'each', values: first }
  },
}

/** What the application has to write for these inputs, in the order in which they are written. */
export function expectedOf(part: PartName, { inputs }: History, topics: readonly string[], startMs: number): Expected {
  return models[part](
    inputs.filter(({ topic }) => topics.includes(topic)),
    startMs,
  )
}
