import { stringify } from 'yaml'
import type { StepDefinition } from '../definition.ts'
import { compileStep } from '../pipeline.ts'
import { stepKinds } from '../steps/step-kinds.ts'
import type { NotConverted } from './blocks.ts'
import { fluentBitSteps } from './fluent-bit.ts'
import type { ImportedStep } from './imported-step.ts'
import { logstashSteps } from './logstash.ts'
import { vectorSteps } from './vector.ts'

const readers = { logstash: logstashSteps, 'fluent-bit': fluentBitSteps, vector: vectorSteps } as const

export type ImportSource = keyof typeof readers
export const importSources = Object.keys(readers) as readonly ImportSource[]

/** The text of a pipeline file, and what it does not have. */
export interface ImportedPipeline {
  readonly text: string
  readonly notConverted: readonly NotConverted[]
}

/** Converts a configuration. What has no counterpart is named, with its line; the rest of the file is converted. */
export function importedPipeline(from: ImportSource, text: string, file: string): ImportedPipeline {
  const { steps, notConverted } = readers[from](text)
  const refused: NotConverted[] = [...notConverted]
  const definitions: StepDefinition[] = []
  for (const step of steps) {
    const reason = refusal(step)
    if (reason === undefined) definitions.push(definitionOf(step))
    else refused.push({ line: step.line, what: reason })
  }
  const name = (file.split('/').at(-1) ?? '')
    .replace(/\..*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  const yaml = stringify({ name: name.replaceAll(/^-|-$/g, '') || from, steps: definitions }, { lineWidth: 0 })
  return {
    text: `# From a configuration of ${from}: ${file}\n${yaml}`,
    notConverted: refused.sort((left, right) => left.line - right.line),
  }
}

function definitionOf({ kind, options, when }: ImportedStep): StepDefinition {
  return { [kind]: options, ...(when !== undefined && { when }) }
}

/** Why a step cannot be one of ours; undefined where it can. */
function refusal(step: ImportedStep): string | undefined {
  if (!Object.hasOwn(stepKinds, step.kind)) return `there is no step ${step.kind}`
  try {
    compileStep(definitionOf(step), [])
    return undefined
  } catch (error) {
    return `${step.kind}: ${(error as Error).message}`
  }
}
