import { type Condition, compileCondition } from './conditions/condition.ts'
import type { StepDefinition } from './definition.ts'
import { at, each, PipelineMistake, type Place, together } from './mistake.ts'
import { Branch, ConditionalStep, type RunningStep } from './running-steps.ts'
import type { StepKind } from './step.ts'
import { stepKinds, type StepName } from './steps/step-kinds.ts'

/** Throws a PipelineMistake that names all mistakes; their paths begin with `place`. */
export function compileSteps(definitions: readonly StepDefinition[], place: Place): readonly RunningStep[] {
  return each(definitions, (definition, index) => {
    const ownPlace = [...place, index]
    return isBranch(definition) ? compileBranch(definition, ownPlace) : compileStep(definition, ownPlace)
  })
}

/** Whether it has steps of its own, in place of a kind. */
export function isBranch(definition: StepDefinition): boolean {
  return definition.steps !== undefined || definition.else !== undefined
}

/** A step of one kind. Throws a PipelineMistake whose path begins with `place`. */
export function compileStep(definition: StepDefinition, place: Place): ConditionalStep {
  const kind = kindOf(definition, place)
  const [meets, step] = together(
    () => conditionOf(definition, place),
    () => at([...place, kind], () => (stepKinds[kind] as StepKind<unknown>).compile(definition[kind])),
  )
  return new ConditionalStep(definition.name ?? kind, step, meets, definition.tagOnFailure)
}

function compileBranch(definition: StepDefinition, place: Place): Branch {
  const { when = '', name = when, steps = [], else: others = [] } = definition
  const [meets, compiledSteps, compiledOthers] = together(
    () => conditionOf(definition, place),
    () => compileSteps(steps, [...place, 'steps']),
    () => compileSteps(others, [...place, 'else']),
    () => checkBranch(definition, place),
  )
  return new Branch(name, meets as Condition, compiledSteps, compiledOthers)
}

/** Throws a PipelineMistake for what a branch has too much, or lacks. */
export function checkBranch(definition: StepDefinition, place: Place): void {
  const refuse = (sentence: string): never => {
    throw new PipelineMistake(sentence, ...place)
  }
  const [kind] = kindsIn(definition)
  if (kind !== undefined) refuse(`a step has ${kind} and steps of its own: write ${kind} as one of these steps`)
  if (definition.when === undefined)
    refuse('a step that has steps needs when: write the condition, or move its steps out')
  if (definition.steps === undefined)
    refuse('a step has else without steps: write steps, with the condition turned by not')
  if (definition.tagOnFailure !== undefined)
    refuse('a step that has steps cannot fail: write tagOnFailure at one of them')
}

function conditionOf({ when }: StepDefinition, place: Place): Condition | undefined {
  return when === undefined ? undefined : at([...place, 'when'], () => compileCondition(when))
}

function kindsIn(definition: StepDefinition): readonly StepName[] {
  return Object.keys(definition).filter((name): name is StepName => Object.hasOwn(stepKinds, name))
}

function kindOf(definition: StepDefinition, place: Place): StepName {
  const kinds = kindsIn(definition)
  const [kind] = kinds
  if (kind !== undefined && kinds.length === 1) return kind
  const found = kinds.length === 0 ? 'names no kind' : `names ${kinds.join(' and ')}`
  throw new PipelineMistake(`a step ${found}: write one kind for each step`, ...place)
}

/** The names that the steps `route` give, in branches too. */
export function routesIn(definitions: readonly StepDefinition[]): readonly string[] {
  return definitions.flatMap(({ route = {}, steps = [], else: others = [] }) => [
    ...Object.keys(route),
    ...routesIn(steps),
    ...routesIn(others),
  ])
}
