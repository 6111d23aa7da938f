import type { StepDefinition } from '../definition.ts'
import { loadPipeline, PipelineFileError } from '../load/load-pipeline.ts'
import type { NotConverted } from './blocks.ts'
import type { ImportedAction, ImportedBranch, ImportedStep } from './imported-step.ts'

/** Steps as a pipeline file has them; those that would be mistakes there are left out, and are added to `refused`. */
export function importedDefinitions(
  steps: readonly ImportedStep[],
  refused: NotConverted[],
): readonly StepDefinition[] {
  return steps.flatMap((step) => ('kind' in step ? actionOf(step, refused) : branchOf(step, refused)))
}

/** One step needs no branch, and a branch without steps of its own is the one of its `else`, turned. */
function branchOf({ when, steps, else: others }: ImportedBranch, refused: NotConverted[]): readonly StepDefinition[] {
  const [own, rest] = [importedDefinitions(steps, refused), importedDefinitions(others, refused)]
  if (own.length === 0) return rest.length === 0 ? [] : [conditional(`not (${when})`, rest)]
  return [rest.length === 0 ? conditional(when, own) : { when, steps: own, else: rest }]
}

function conditional(when: string, steps: readonly StepDefinition[]): StepDefinition {
  const [first] = steps
  return first !== undefined && steps.length === 1 && first.when === undefined ? { ...first, when } : { when, steps }
}

function actionOf(step: ImportedAction, refused: NotConverted[]): readonly StepDefinition[] {
  const mistakes = mistakesOf(step)
  const isKept = mistakes.every(({ isOfFile }) => isOfFile)
  for (const { what } of mistakes) refused.push({ line: step.line, what, ...(isKept && { isKept }) })
  if (!isKept) return []
  refused.push(...toBeFilledIn(step))
  return [definitionOf(step)]
}

function definitionOf({ kind, options, when, tagOnFailure }: ImportedAction): StepDefinition {
  return {
    [kind]: options,
    ...(when !== undefined && { when }),
    ...(tagOnFailure !== undefined && { tagOnFailure }),
  }
}

/** What is wrong with a step as one of ours. Files may be on another machine. */
function mistakesOf(step: ImportedAction): readonly { readonly what: string; readonly isOfFile: boolean }[] {
  try {
    loadPipeline(JSON.stringify({ name: 'imported', steps: [definitionOf(step)] }), '')
    return []
  } catch (error) {
    if (!(error instanceof PipelineFileError)) throw error
    return error.mistakes.map(({ place, message }) => ({
      what: `${place.replace('steps.0.', '')}: ${message}`,
      isOfFile: /^steps\.0\.\w+\.(?:database|files?)(?:\.|$)/.test(place),
    }))
  }
}

/** What other programs put in place of something in their configuration, and a pipeline takes as it stands. */
function toBeFilledIn(step: ImportedAction): readonly NotConverted[] {
  const text = JSON.stringify(definitionOf(step))
  const variables = (text.match(/\$\{[^{}"]+\}/g) ?? []).map(
    (name) => `${name} is no variable here: put its value there`,
  )
  const dates = step.kind === 'mutate' ? (text.match(/%\{\+[^{}"]+\}/g) ?? []) : []
  const whats = new Set([...variables, ...dates.map((date) => `${date} is no date here: use the field timestamp`)])
  return [...whats].map((what) => ({ line: step.line, what, isKept: true }))
}
