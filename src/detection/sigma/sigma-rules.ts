import { parseAllDocuments } from 'yaml'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { RuleFilter } from './rule-filter.ts'
import { isCorrelation, type SigmaCorrelation, sigmaCorrelation } from './sigma-correlation.ts'
import { SigmaEvent } from './sigma-event.ts'
import { SigmaMistake } from './sigma-mistake.ts'
import { type CompiledRule, compileRule, type SigmaOptions, type SigmaRule, type SigmaSource } from './sigma-rule.ts'

/** A file of rules. */
export interface SigmaFile {
  /** What mistakes call it. */
  readonly name: string
  /** YAML, of which each document is a rule or a correlation. */
  readonly text: string
}

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
  #correlations: readonly SigmaCorrelation[] = []
  /** By source: the rules that look at its events. */
  readonly #bySource = new Map<string, RuleFilter>()
  /** The same by the object that was given, which is the same for many events. */
  #byObject = new WeakMap<Sources, RuleFilter>()

  /** No options by default: fields have the names of rules. */
  constructor(options: SigmaOptions = {}) {
    this.#options = options
    this.#names = new Map(Object.entries(options.fields ?? {}))
  }

  /** The rules and correlations of files. Throws INVALID_SETTINGS with all mistakes of all files, one a line. */
  static load(files: readonly SigmaFile[], options: SigmaOptions = {}): SigmaRules {
    const rules = new SigmaRules(options)
    const { compiled, problems } = rules.#compiled(files)
    if (problems.length > 0) throw refusal(problems)
    rules.#rules.push(...compiled.rules)
    rules.#correlations = Object.freeze(compiled.correlations)
    return rules
  }

  /** How many rules there are. */
  get size(): number {
    return this.#rules.length
  }

  /** The rules, in the order of their files. */
  get rules(): readonly SigmaRule[] {
    return this.#rules
  }

  /** The correlations of `load`. */
  get correlations(): readonly SigmaCorrelation[] {
    return this.#correlations
  }

  /**
   * Adds the rules of a file in YAML and returns them. Throws INVALID_SETTINGS with the name and what is wrong, also of a
   * correlation, which only `load` takes; then none of them is added.
   */
  add(text: string, name: string): readonly SigmaRule[] {
    const { compiled, problems } = this.#compiled([{ name, text }])
    if (compiled.correlations.length > 0) problems.push(problemOf(name, 'it is a correlation: use SigmaRules.load'))
    if (problems.length > 0) throw refusal(problems)
    this.#rules.push(...compiled.rules)
    this.#bySource.clear()
    this.#byObject = new WeakMap()
    return compiled.rules
  }

  /**
   * The rules that fire for an event with these fields. With a source, or several, only rules are looked at whose own source
   * is the same or says less; without any, all are.
   */
  matching(fields: Readonly<Record<string, unknown>>, sources: Sources = noSources): readonly SigmaRule[] {
    const event = new SigmaEvent(fields, this.#names)
    return this.#filterOf(sources)
      .candidates(event)
      .filter(({ test }) => test.passes(event))
  }

  /**
   * As `matching`, for an event in JSON, which is read only where a rule may fire: one look at the text finds that out. More
   * fields may be given, whose texts are in those of the event. Throws a SyntaxError for what is no JSON.
   */
  matchingJson(
    json: string,
    sources: Sources = noSources,
    more?: Readonly<Record<string, unknown>>,
  ): readonly SigmaRule[] {
    const filter = this.#filterOf(sources)
    if (filter.size === 0) return noRules
    const text = plainJson(json)
    const candidates = text === undefined ? undefined : filter.candidatesIn([text.toLowerCase()])
    if (candidates?.length === 0) return noRules
    const event = new SigmaEvent({ ...(JSON.parse(json) as object), ...more }, this.#names)
    return (candidates ?? filter.candidates(event)).filter(({ test }) => test.passes(event))
  }

  #filterOf(given: Sources): RuleFilter {
    const known = this.#byObject.get(given)
    if (known !== undefined) return known
    const sources = [given].flat()
    const key = sources.map(sourceKey).join('\n\n')
    let filter = this.#bySource.get(key)
    if (filter === undefined) {
      const isMeant = ({ source }: CompiledRule): boolean => sources.some((one) => isWithin(source, one))
      filter = new RuleFilter(sources.length === 0 ? this.#rules : this.#rules.filter(isMeant))
      if (this.#bySource.size >= sourcesMax) this.#bySource.clear()
      this.#bySource.set(key, filter)
    }
    this.#byObject.set(given, filter)
    return filter
  }

  #compiled(files: readonly SigmaFile[]): { readonly compiled: Compiled; readonly problems: string[] } {
    const problems: string[] = []
    const rules: CompiledRule[] = []
    const waiting: { readonly file: string; readonly document: Readonly<Record<string, unknown>> }[] = []
    for (const { name, text } of files) {
      for (const document of parseAllDocuments(text)) {
        const [error] = document.errors
        if (error !== undefined) {
          problems.push(problemOf(name, errorMessage(error)))
          continue
        }
        const value = document.toJS() as unknown
        if (isCorrelation(value)) waiting.push({ file: name, document: value })
        else attempt(problems, name, () => rules.push(compileRule(value, name, this.#options)))
      }
    }
    const correlations: SigmaCorrelation[] = []
    const known = { rules, documents: waiting.map(({ document }) => document), names: this.#names }
    for (const { file, document } of waiting) {
      attempt(problems, file, () => correlations.push(sigmaCorrelation(document, file, known)))
    }
    return { compiled: { rules, correlations }, problems }
  }
}

type Sources = SigmaSource | readonly SigmaSource[]

const noSources: readonly SigmaSource[] = Object.freeze([])

interface Compiled {
  readonly rules: readonly CompiledRule[]
  readonly correlations: readonly SigmaCorrelation[]
}

const sourcesMax = 1000
const noRules: readonly SigmaRule[] = Object.freeze([])
const escape = /\\(.)/g
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** Texts as they are within JSON, without the backslashes. Undefined: characters are written as numbers. */
function plainJson(json: string): string | undefined {
  if (!json.includes('\\')) return json
  return json.includes('\\u') ? undefined : json.replaceAll(escape, unescaped)
}

function unescaped(_: string, sign: string): string {
  return controls[sign] ?? sign
}

function attempt(problems: string[], file: string, compile: () => unknown): void {
  try {
    compile()
  } catch (error) {
    if (!(error instanceof SigmaMistake)) throw error
    problems.push(problemOf(file, error.message))
  }
}

function problemOf(file: string, problem: string): string {
  return `the Sigma rule ${file} cannot be used: ${problem}`
}

function refusal(problems: readonly string[]): MillraceError {
  return new MillraceError('INVALID_SETTINGS', 'fatal', problems.join('\n'), { details: { problems } })
}

function sourceKey({ category = '', product = '', service = '' }: SigmaSource): string {
  return `${category}\n${product}\n${service}`
}

function isWithin(own: SigmaSource, { category = '', product = '', service = '' }: SigmaSource): boolean {
  return isOf(own.category, category) && isOf(own.product, product) && isOf(own.service, service)
}

function isOf(own: string | undefined, given: string): boolean {
  return own === undefined || own === given
}
