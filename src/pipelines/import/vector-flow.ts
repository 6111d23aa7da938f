import type { NotConverted } from './blocks.ts'

export type Options = Readonly<Record<string, unknown>>

/** A source, a transform or a sink, as the configuration has it. */
export interface VectorComponent {
  readonly kind: 'source' | 'transform' | 'sink'
  readonly name: string
  readonly line: number
  readonly options: Options
}

/** A transform, or the place of those behind some outputs of one that splits. */
export type FlowPart =
  | { readonly kind: 'transform'; readonly component: VectorComponent }
  | { readonly kind: 'branch'; readonly line: number; readonly when: string; readonly scope: string }

/** The outputs of a transform that splits, with their conditions; undefined where one has no counterpart. */
export type OutputConditions = (options: Options) => ReadonlyMap<string, string | undefined>

/** Which component reads which. A pipeline is one line of steps with branches: what it cannot express is a difference. */
export class VectorFlow {
  readonly #components: ReadonlyMap<string, VectorComponent>
  readonly #conditionsOf: OutputConditions
  /** By transform: the outputs that its records come through, such as `split.errors`; empty: all records. */
  readonly #scopes = new Map<string, string>()
  readonly #ordered: readonly VectorComponent[]

  constructor(components: readonly VectorComponent[], conditionsOf: OutputConditions) {
    this.#components = new Map(components.map((component) => [component.name, component]))
    this.#conditionsOf = conditionsOf
    this.#ordered = this.#inOrder()
    for (const component of this.#ordered) this.#scopes.set(component.name, this.#scopeOf(component))
  }

  /** What a scope holds, in the order of the records. */
  transformsOf(scope: string): readonly FlowPart[] {
    const seen = new Set<string>()
    return this.#ordered.flatMap((component): readonly FlowPart[] => {
      const own = this.#scopes.get(component.name) ?? ''
      if (own === scope) return [{ kind: 'transform', component }]
      const inner = this.#childScope(own, scope)
      if (inner === undefined || seen.has(inner)) return []
      seen.add(inner)
      return [{ kind: 'branch', line: component.line, when: this.#conditionOf(inner) ?? 'true', scope: inner }]
    })
  }

  /** Inputs whose records are like all others here. */
  unknownInputs(name: string): readonly string[] {
    const component = this.#components.get(name)
    if (component === undefined || (this.#scopes.get(name) ?? '') !== '') return []
    return inputsOf(component).filter((input) => input.includes('.') && !this.#components.has(input))
  }

  /** Whether what a transform splits goes to sinks, or is not read here at all. */
  isForSinks(name: string): boolean {
    const readers = [...this.#components.values()].filter((reader) =>
      inputsOf(reader).some((input) => input.startsWith(`${name}.`)),
    )
    return readers.length === 0 || readers.some(({ kind }) => kind === 'sink')
  }

  /** Outputs that several components read, and events that several outputs get. */
  differences(): readonly NotConverted[] {
    const readers = new Map<string, VectorComponent[]>()
    for (const reader of this.#components.values())
      for (const input of inputsOf(reader)) readers.set(input, [...(readers.get(input) ?? []), reader])
    const shared = [...readers].flatMap(([input, found]) => {
      const [, second] = found
      if (second === undefined || found.every(({ kind }) => kind === 'sink')) return []
      const names = found.map(({ name }) => name).join(' and ')
      return [{ line: second.line, what: `${input} goes to ${names}: here all steps are applied one after another` }]
    })
    const split = this.#ordered.flatMap(({ name, line, options }) =>
      options.type === 'route' && this.#conditionsOf(options).size > 2
        ? [{ line, what: `${name}: an event that fits several routes is not copied here`, isKept: true as const }]
        : [],
    )
    return [...shared, ...split]
  }

  #inOrder(): readonly VectorComponent[] {
    const ordered: VectorComponent[] = []
    const seen = new Set<string>()
    const add = (component: VectorComponent): void => {
      if (component.kind !== 'transform' || seen.has(component.name)) return
      seen.add(component.name)
      for (const input of inputsOf(component)) {
        const before = this.#components.get(ownerOf(input, this.#components))
        if (before !== undefined) add(before)
      }
      ordered.push(component)
    }
    for (const component of this.#components.values()) add(component)
    return ordered
  }

  #scopeOf(component: VectorComponent): string {
    const inputs = inputsOf(component)
    const [first] = inputs
    if (first === undefined) return ''
    const owners = new Set(inputs.map((input) => ownerOf(input, this.#components)))
    const isOutput = inputs.every((input) => !this.#components.has(input))
    if (isOutput && owners.size === 1) {
      const scope = [...inputs].sort().join('+')
      return this.#conditionOf(scope) === undefined ? (this.#scopes.get([...owners][0] as string) ?? '') : scope
    }
    const scopes = new Set(inputs.map((input) => this.#scopes.get(input) ?? ''))
    return scopes.size === 1 ? ([...scopes][0] as string) : ''
  }

  /** The scope on the way from `outer` to `scope`, directly in `outer`; undefined where it is not on the way. */
  #childScope(scope: string, outer: string): string | undefined {
    let at = scope
    while (at !== '') {
      const parent = this.#parentOf(at)
      if (parent === outer) return at
      at = parent
    }
    return undefined
  }

  #parentOf(scope: string): string {
    const [output = ''] = scope.split('+')
    return this.#scopes.get(ownerOf(output, this.#components)) ?? ''
  }

  #conditionOf(scope: string): string | undefined {
    const conditions = scope.split('+').map((output) => this.#outputCondition(output))
    if (conditions.includes(undefined)) return undefined
    return conditions.length === 1 ? conditions[0] : conditions.map((condition) => `(${condition})`).join(' or ')
  }

  #outputCondition(output: string): string | undefined {
    const owner = this.#components.get(ownerOf(output, this.#components))
    return owner === undefined ? undefined : this.#conditionsOf(owner.options).get(output.slice(owner.name.length + 1))
  }
}

function inputsOf({ options }: VectorComponent): readonly string[] {
  return Array.isArray(options.inputs) ? options.inputs.map(String) : []
}

/** The component whose output an input is: `split.errors` is one of `split`. */
function ownerOf(input: string, components: ReadonlyMap<string, VectorComponent>): string {
  return components.has(input) ? input : input.slice(0, Math.max(0, input.lastIndexOf('.')))
}
