import { RuleFilter } from './rule-filter.ts'
import { SigmaEvent } from './sigma-event.ts'
import { type CompiledRule, compileSigma, type SigmaOptions, type SigmaRule, type SigmaSource } from './sigma-rule.ts'

/**
 * Sigma rules, compiled once, over events of any kind. It keeps nothing of the events.
 *
 * @example
 * ```ts
 * const rules = new SigmaRules({ fields: { 'cs-user-agent': 'userAgent' } })
 * const text = `
 * title: sqlmap
 * logsource: { category: webserver }
 * detection: { selection: { cs-user-agent|startswith: sqlmap }, condition: selection }`
 * rules.add(text, 'sqlmap.yml')
 * rules.matching({ userAgent: 'sqlmap/1.7' }, { category: 'webserver' }) // the rule
 * ```
 */
export class SigmaRules {
  readonly #options: SigmaOptions
  readonly #names: ReadonlyMap<string, string>
  readonly #rules: CompiledRule[] = []
  /** By source: the rules that look at its events. */
  readonly #bySource = new Map<string, RuleFilter>()

  /** No options by default: fields have the names of rules. */
  constructor(options: SigmaOptions = {}) {
    this.#options = options
    this.#names = new Map(Object.entries(options.fields ?? {}))
  }

  /** How many rules there are. */
  get size(): number {
    return this.#rules.length
  }

  /** Adds the rules of a file in YAML and returns them. Throws INVALID_SETTINGS with the name and what is wrong; then none of them is added. */
  add(text: string, name: string): readonly SigmaRule[] {
    const rules = compileSigma(text, name, this.#options)
    this.#rules.push(...rules)
    this.#bySource.clear()
    return rules
  }

  /**
   * The rules that fire for an event with these fields. With a source, only rules are looked at whose own source is the same
   * or says less; without one, all are.
   */
  matching(fields: Readonly<Record<string, unknown>>, source?: SigmaSource): readonly SigmaRule[] {
    const event = new SigmaEvent(fields, this.#names)
    return this.#filterOf(source)
      .candidates(event)
      .filter(({ test }) => test.passes(event))
  }

  #filterOf(source: SigmaSource | undefined): RuleFilter {
    const { category = '', product = '', service = '' } = source ?? {}
    const key = source === undefined ? '' : `${category}\n${product}\n${service}`
    let filter = this.#bySource.get(key)
    if (filter === undefined) {
      const isMeant = ({ source: own }: CompiledRule): boolean =>
        isOf(own.category, category) && isOf(own.product, product) && isOf(own.service, service)
      filter = new RuleFilter(source === undefined ? this.#rules : this.#rules.filter(isMeant))
      if (this.#bySource.size >= sourcesMax) this.#bySource.clear()
      this.#bySource.set(key, filter)
    }
    return filter
  }
}

const sourcesMax = 1000

function isOf(own: string | undefined, given: string): boolean {
  return own === undefined || own === given
}
