import type { NoticesDefinition, RouteDefinition, RulePlan } from '../../alerts/index.ts'
import type { Match } from '../../alerts/index.ts'
import { PipelineMistake } from '../../pipelines/index.ts'

/** What files name of each other: rules, the fields and labels of their alerts, and notifiers. */
export interface KnownNames {
  /** undefined: no file of rules was given, or it has mistakes. */
  readonly rules: readonly RulePlan[] | undefined
  /** undefined: no file of notifiers was given, or it has mistakes. */
  readonly notifiers: ReadonlySet<string> | undefined
}

/** A receiver of this name needs no notifier: its notices are only logged. */
const logReceiver = 'log'
/** Facts that every alert has. */
const usualFacts = ['rule', 'severity', 'alert']

/** What is wrong with notices that are right by themselves: names that nobody has, and receivers that nobody notifies. */
export function namesTogether(definition: NoticesDefinition, known: KnownNames): readonly PipelineMistake[] {
  return [...receiverMistakes(definition, known), ...factMistakes(definition, known)]
}

/** Notifiers that no receiver has the name of. */
export function unusedNotifiers(definition: NoticesDefinition, notifiers: ReadonlySet<string>): readonly string[] {
  const receivers = new Set(definition.receivers.map(({ name }) => name))
  return [...notifiers].filter((name) => !receivers.has(name))
}

function receiverMistakes(definition: NoticesDefinition, { notifiers }: KnownNames): readonly PipelineMistake[] {
  const steps = Object.values(definition.escalations ?? {}).flat()
  const used = new Set([...definition.routes, ...steps].flatMap(({ receivers = [] }) => receivers))
  return definition.receivers.flatMap(({ name }, index) => {
    const mistake = (message: string) => new PipelineMistake(message, 'receivers', index, 'name')
    return [
      ...(used.has(name)
        ? []
        : [mistake(`no route and no step of an escalation notifies ${name}: name it, or remove it`)]),
      ...(notifiers === undefined || notifiers.has(name) || name === logReceiver
        ? []
        : [mistake(`there is no notifier ${name}: write one of ${[...notifiers].join(', ')}, or add it`)]),
    ]
  })
}

/** A text that no alert ever has is a typing error: the route would match nothing. */
function factMistakes(definition: NoticesDefinition, { rules }: KnownNames): readonly PipelineMistake[] {
  if (rules === undefined) return []
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
