import { MillraceError } from '../../core/errors.ts'
import { PipelineMistake } from '../../pipelines/index.ts'
import { schemaCheck } from '../../pipelines/load/schema-mistakes.ts'
import { type FileMistake, mistakesText, YamlFile } from '../../pipelines/load/yaml-file.ts'
import { foreignFile } from '../foreign-file.ts'
import { planOf, ruleMistakes } from './compile-rule.ts'
import type { RuleDefinition } from './definition.ts'
import type { RulePlan } from './plan.ts'
import { fileSchema } from './rule-schema.ts'
import { mistakesTogether } from './rules-together.ts'

/** Names all mistakes of rules. */
export class AlertRuleError extends MillraceError<'INVALID_ALERT_RULE'> {
  /** In the order of their lines; line 0: the rule is from code. */
  readonly mistakes: readonly FileMistake[]

  constructor(text: string, mistakes: readonly FileMistake[]) {
    super('INVALID_ALERT_RULE', 'fatal', text)
    this.mistakes = mistakes
  }
}

/**
 * A rule from code. Throws an AlertRuleError that names all mistakes.
 *
 * @example
 * ```ts
 * rule({ name: 'errors', kind: 'threshold', where: "level == 'error'", groupBy: ['service'], window: '5m', fire: '> 100' })
 * ```
 */
export function rule(definition: RuleDefinition): RulePlan {
  const mistakes = ruleMistakes(definition)
  if (mistakes.length > 0) throw ofCode(definition.name, mistakes)
  return planOf(definition)
}

/**
 * The rules of a YAML or JSON file. Throws an AlertRuleError that names every mistake with its line.
 *
 * @param file What mistakes call it.
 */
export function loadRules(text: string, file: string): readonly RulePlan[] {
  const read = new YamlFile(text)
  if (read.unreadable.length > 0) throw new AlertRuleError(mistakesText(file, read.unreadable), read.unreadable)
  const mistakes = fileMistakes(read.value)
  if (mistakes.length > 0) {
    const located = read.located(mistakes)
    throw new AlertRuleError(mistakesText(file, located), located)
  }
  return Object.freeze((read.value as { rules: RuleDefinition[] }).rules.map(planOf))
}

const formOfFile = schemaCheck(fileSchema)

function fileMistakes(value: unknown): readonly PipelineMistake[] {
  const foreign = foreignFile(value)
  if (foreign.length > 0) return foreign
  const ofForm = formOfFile(value)
  const rules = (value as { rules?: unknown } | null | undefined)?.rules
  if (!Array.isArray(rules)) return ofForm
  const ofRules = rules.flatMap((one: unknown, index) =>
    ruleMistakes(one).map(({ path, message }) => new PipelineMistake(message, 'rules', index, ...path)),
  )
  return [...ofForm, ...ofRules, ...(ofRules.length > 0 ? [] : mistakesTogether(rules as RuleDefinition[]))]
}

function ofCode(name: unknown, mistakes: readonly PipelineMistake[]): AlertRuleError {
  const found = mistakes.map(({ path, message }) => ({ line: 0, place: path.join('.'), message }))
  const text = found.map(({ place, message }) => `rule ${String(name)}: ${place === '' ? '' : `${place}: `}${message}`)
  return new AlertRuleError(text.join('\n'), found)
}
