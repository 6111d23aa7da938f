import { errorMessage, MillraceError } from '../../core/errors.ts'
import { type SigmaFile, type SigmaRule, SigmaRules, type SigmaSource } from '../../detection/index.ts'
import type { RuleLog } from '../gathering/rule-log.ts'
import type { RulePlan } from '../rules/plan.ts'
import { type MappedSource, securityMapping } from './security-mapping.ts'
import { type SigmaUse, sigmaPlans } from './sigma-plans.ts'

/** Sigma rules over logs of the fleet, compiled once, as alert rules. */
export class SecurityRules {
  /** The alert rules that evaluate them: one for each rule that raises alerts, and one for each correlation. */
  readonly plans: readonly RulePlan[]
  readonly #rules: SigmaRules
  readonly #sources: readonly MappedSource[]
  readonly #uses: ReadonlyMap<SigmaRule, readonly SigmaUse[]>
  /** By the places of the sources of a log, as bits. */
  readonly #together = new Map<number, readonly SigmaSource[]>()

  private constructor(
    rules: SigmaRules,
    sources: readonly MappedSource[],
    { plans, uses }: Pick<ReturnType<typeof sigmaPlans>, 'plans' | 'uses'>,
  ) {
    this.#rules = rules
    this.#sources = sources
    this.#uses = uses
    this.plans = Object.freeze(plans)
  }

  /**
   * The rules and correlations of files. `mapping` says what rules call the logs and their fields. Throws INVALID_SETTINGS
   * with the mistakes of all files.
   */
  static load(files: readonly SigmaFile[], mapping: SigmaFile): SecurityRules {
    const mapped = securityMapping(mapping.text, mapping.name)
    const problems = 'problems' in mapped ? [mapped.problems] : []
    let rules: SigmaRules | undefined
    try {
      rules = SigmaRules.load(files, 'problems' in mapped ? {} : mapped.options)
    } catch (error) {
      problems.push(...problemsIn(error))
    }
    const made = rules === undefined ? undefined : sigmaPlans(rules)
    problems.push(...(made?.problems ?? []))
    if (problems.length > 0 || rules === undefined || made === undefined || 'problems' in mapped)
      throw new MillraceError('INVALID_SETTINGS', 'fatal', problems.join('\n'), { details: { problems } })
    return new SecurityRules(rules, mapped.sources, made)
  }

  /** The rules that fire for a log, of those that alerts come from. */
  matching(log: RuleLog): readonly SigmaRule[] {
    return this.#rules.matchingJson(log.toText(), this.#sourcesOf(log), moreOf(log))
  }

  /** What a log that the rule fires for means to alert rules. */
  usesOf(rule: SigmaRule): readonly SigmaUse[] {
    return this.#uses.get(rule) ?? []
  }

  /** What of a log matched. */
  explain(rule: SigmaRule, log: RuleLog): string {
    return rule.explain({ ...(JSON.parse(log.toText()) as object), ...moreOf(log) })
  }

  /** Without a source, a log is of none: only rules that name none look at it. */
  #sourcesOf(log: RuleLog): readonly SigmaSource[] {
    let bits = 0
    for (let index = 0; index < this.#sources.length; index++) {
      const { where } = this.#sources[index] as MappedSource
      if (where === undefined || where(log)) bits |= 1 << index
    }
    let sources = this.#together.get(bits)
    if (sources === undefined) {
      const named = this.#sources.filter((_, index) => (bits >> index) & 1).map(({ source }) => source)
      sources = named.length === 0 ? [{}] : named
      this.#together.set(bits, sources)
    }
    return sources
  }
}

/** Each by itself, where an error tells of several. */
function problemsIn(error: unknown): readonly string[] {
  const { problems } = (error instanceof MillraceError ? error.details : {}) as { problems?: readonly string[] }
  return problems ?? [errorMessage(error)]
}

/** What is not in the document. */
function moreOf({ login }: RuleLog): Readonly<Record<string, unknown>> | undefined {
  return login === undefined ? undefined : { failedLogin: login }
}
