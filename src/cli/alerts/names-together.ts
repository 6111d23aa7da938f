import type { Match, NoticesDefinition, RouteDefinition, RulePlan } from '../../alerts/index.ts'
import { PipelineMistake } from '../../pipelines/index.ts'

/** Facts that every alert has. */
const usualFacts = ['rule', 'severity', 'alert']

/**
 * What is wrong with notices that are right by themselves: receivers that nobody notifies, and, where the rules are known,
 * rules, fields and labels that no alert has.
 */
export function namesTogether(
  definition: NoticesDefinition,
  rules: readonly RulePlan[] | undefined,
): readonly PipelineMistake[] {
  return [...idleReceivers(definition), ...(rules === undefined ? [] : factMistakes(definition, rules))]
}

function idleReceivers({ receivers, routes, escalations = {} }: NoticesDefinition): readonly PipelineMistake[] {
  const notified = new Set([...routes, ...Object.values(escalations).flat()].flatMap((one) => one.receivers ?? []))
  return receivers.flatMap(({ name }, index) => {
    if (notified.has(name)) return []
    const text = `no route and no step of an escalation notifies ${name}: name it there, or remove it`
    return [new PipelineMistake(text, 'receivers', index, 'name')]
  })
}

/** A text that no alert ever has is a typing error: the route would match nothing. */
function factMistakes(definition: NoticesDefinition, rules: readonly RulePlan[]): readonly PipelineMistake[] {
  const facts = new Set([
    ...usualFacts,
    ...rules.flatMap(({ read, labels }) => [...read.groupBy.map(({ text }) => text), ...Object.keys(labels)]),
  ])
  const names = new Set(rules.map(({ name }) => name))
  const ofMatch = (match: Match | undefined, ...path: readonly (string | number)[]) =>
    Object.entries(match ?? {}).flatMap(([fact, texts]) => [
      ...unknownFact(facts, fact, [...path, fact]),
      ...(fact === 'rule' ? unknownRules(names, texts, [...path, fact]) : []),
    ])
  const ofList = (list: readonly string[] | undefined, ...path: readonly (string | number)[]) =>
    (list ?? []).flatMap((fact, index) => unknownFact(facts, fact, [...path, index]))
  return [
    ...definition.routes.flatMap(({ match, groupBy }: RouteDefinition, index) => [
      ...ofMatch(match, 'routes', index, 'match'),
      ...ofList(groupBy, 'routes', index, 'groupBy'),
    ]),
    ...(definition.inhibitions ?? []).flatMap(({ source, target, equal }, index) => [
      ...ofMatch(source, 'inhibitions', index, 'source'),
      ...ofMatch(target, 'inhibitions', index, 'target'),
      ...ofList(equal, 'inhibitions', index, 'equal'),
    ]),
  ]
}

function unknownFact(
  facts: ReadonlySet<string>,
  fact: string,
  path: readonly (string | number)[],
): readonly PipelineMistake[] {
  if (facts.has(fact)) return []
  return [
    new PipelineMistake(
      `no rule groups by ${fact} or has it as a label: write one of ${[...facts].join(', ')}`,
      ...path,
    ),
  ]
}

function unknownRules(
  names: ReadonlySet<string>,
  texts: string | readonly string[],
  path: readonly (string | number)[],
): readonly PipelineMistake[] {
  const exact = (typeof texts === 'string' ? [texts] : texts).map((text) => text.replace(/^!/, ''))
  return exact
    .filter((text) => !text.includes('*') && !names.has(text))
    .map((text) => new PipelineMistake(`there is no rule ${text}: write one of ${[...names].join(', ')}`, ...path))
}
