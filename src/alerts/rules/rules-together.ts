import { nearestOf } from '../../core/unknown-names.ts'
import { PipelineMistake } from '../../pipelines/index.ts'
import type { CorrelationRule, RuleDefinition } from './definition.ts'

/** What is wrong with rules that are each right by itself: names, and correlations of rules. */
export function mistakesTogether(rules: readonly RuleDefinition[]): readonly PipelineMistake[] {
  const byName = new Map<string, RuleDefinition>()
  return rules.flatMap((rule, index) => {
    if (byName.has(rule.name)) {
      return [new PipelineMistake(`a rule ${rule.name} is there twice: rename one`, 'rules', index, 'name')]
    }
    byName.set(rule.name, rule)
    return rule.kind === 'correlation' ? correlationMistakes(rule, index, rules) : []
  })
}

function correlationMistakes(
  { rules: names, groupBy = [] }: CorrelationRule,
  index: number,
  rules: readonly RuleDefinition[],
): readonly PipelineMistake[] {
  return names.flatMap((name, place) => {
    const mistake = (message: string) => [new PipelineMistake(message, 'rules', index, 'rules', place)]
    if (names.indexOf(name) < place) return mistake(`${name} is there twice: name another rule, or remove it`)
    const other = rules.find((one) => one.name === name)
    if (other === undefined) return mistake(`there is no rule ${name} in this file${adviceFor(name, rules)}`)
    if (other.kind === 'correlation') return mistake(`${name} is a correlation itself: name the rules that it names`)
    const missing = groupBy.filter((field) => !(other.groupBy ?? []).includes(field))
    if (missing.length === 0) return []
    return mistake(`${name} has no group by ${missing.join(', ')}: add it there, or remove it from groupBy here`)
  })
}

function adviceFor(name: string, rules: readonly RuleDefinition[]): string {
  const nearest = nearestOf(
    name,
    rules.flatMap((one) => (one.kind === 'correlation' ? [] : [one.name])),
  )
  return nearest === undefined ? ': write the name of one that is' : `: did you mean ${nearest}?`
}
