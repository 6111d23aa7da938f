import { MillraceError } from '../../core/errors.ts'
import { checkBranch, compileStep, isBranch } from '../compile-steps.ts'
import type { PipelineDefinition, PipelineExample, StepDefinition } from '../definition.ts'
import { checkTimes } from '../example-times.ts'
import { mistakesOf, type PipelineMistake, type Place } from '../mistake.ts'
import { type Pipeline, pipeline } from '../pipeline.ts'
import { checkZone } from '../steps/options.ts'
import { pipelineSchema, timeLike } from './pipeline-schema.ts'
import { schemaCheck } from './schema-mistakes.ts'
import { type FileMistake, mistakesText, YamlFile } from './yaml-file.ts'

/** Names all mistakes of a pipeline file. */
export class PipelineFileError extends MillraceError<'INVALID_PIPELINE'> {
  /** In the order of their lines. */
  readonly mistakes: readonly FileMistake[]

  constructor(file: string, mistakes: readonly FileMistake[]) {
    super('INVALID_PIPELINE', 'fatal', mistakesText(file, mistakes))
    this.mistakes = mistakes
  }
}

const schemaMistakes = schemaCheck(pipelineSchema)

/** A pipeline from the text of a YAML or JSON file. Throws a PipelineFileError that names every mistake with its line. */
export function loadPipeline(text: string, file: string): Pipeline {
  const read = new YamlFile(text)
  if (read.unreadable.length > 0) throw new PipelineFileError(file, read.unreadable)
  const definition = read.value as PipelineDefinition
  const mistakes = [
    ...schemaMistakes(definition),
    ...zoneMistakes(definition),
    ...stepMistakes(definition?.steps, ['steps']),
    ...timeMistakes(definition?.examples),
  ]
  if (mistakes.length === 0) return pipeline(definition)
  throw new PipelineFileError(file, read.located(mistakes))
}

function zoneMistakes(definition: PipelineDefinition): readonly PipelineMistake[] {
  const zone: unknown = definition?.zone
  return typeof zone === 'string' && zone !== '' ? mistakesOf(() => checkZone(zone, 'zone')) : []
}

/** Of texts that look like a time: the schema refuses all others. */
function timeMistakes(examples: unknown): readonly PipelineMistake[] {
  if (!Array.isArray(examples)) return []
  const times = examples.map((example: unknown) => {
    const receivedAt = (example as PipelineExample | null)?.receivedAt
    return typeof receivedAt === 'string' && timeLike.test(receivedAt) ? { receivedAt } : {}
  })
  return mistakesOf(() => checkTimes(times))
}

/** What the schema cannot say: conditions, expressions, templates, files. */
function stepMistakes(steps: unknown, place: Place): readonly PipelineMistake[] {
  if (!Array.isArray(steps)) return []
  return steps.flatMap((step: unknown, index) => {
    if (typeof step !== 'object' || step === null) return []
    const ownPlace = [...place, index]
    const { when, ...rest } = step as StepDefinition
    const mistakes = conditionMistakes(when, ownPlace)
    if (!isBranch(rest)) return [...mistakes, ...kindMistakes(rest, ownPlace)]
    return [
      ...mistakes,
      ...mistakesOf(() => checkBranch(step, ownPlace)),
      ...stepMistakes(rest.steps, [...ownPlace, 'steps']),
      ...stepMistakes(rest.else, [...ownPlace, 'else']),
    ]
  })
}

function conditionMistakes(when: unknown, place: Place): readonly PipelineMistake[] {
  return typeof when === 'string' && when !== '' ? mistakesOf(() => compileStep({ drop: {}, when }, place)) : []
}

function kindMistakes(step: StepDefinition, place: Place): readonly PipelineMistake[] {
  const readable = withoutRefused(step)
  return readable === undefined ? [] : mistakesOf(() => compileStep(readable, place))
}

/** A step without the options that the schema refuses: their mistakes are known. Undefined: what is left is refused too. */
function withoutRefused(step: StepDefinition): StepDefinition | undefined {
  const isRight = (one: unknown) => schemaMistakes({ name: 'step', steps: [one] }).length === 0
  if (isRight(step)) return step
  const rest = structuredClone(step)
  for (const { path } of schemaMistakes({ name: 'step', steps: [step] })) {
    const [, , kind, option] = path
    const options = kind === undefined ? undefined : (rest as Record<string, unknown>)[kind]
    if (option !== undefined && typeof options === 'object') delete (options as Record<string, unknown>)[option]
  }
  return isRight(rest) ? rest : undefined
}
