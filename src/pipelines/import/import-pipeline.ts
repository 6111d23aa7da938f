import { stringify } from 'yaml'
import type { StepDefinition } from '../definition.ts'
import { loadPipeline, PipelineFileError } from '../load/load-pipeline.ts'
import type { NotConverted } from './blocks.ts'
import { fluentBitSteps } from './fluent-bit.ts'
import type { ImportedStep } from './imported-step.ts'
import { logstashSteps } from './logstash.ts'
import { vectorSteps } from './vector.ts'

const readers = { logstash: logstashSteps, 'fluent-bit': fluentBitSteps, vector: vectorSteps } as const

/** A program whose configuration can be converted. */
export type ImportSource = keyof typeof readers
/** Every `ImportSource`. */
export const importSources = Object.keys(readers) as readonly ImportSource[]

/** The text of a pipeline file, and what it does not have. */
export interface ImportedPipeline {
  /** A pipeline file in YAML. */
  readonly text: string
  /** In the order of the file; empty: all was converted. */
  readonly notConverted: readonly NotConverted[]
}

/** Converts a configuration. What has no counterpart is named, with its line; the rest of the file is converted. */
export function importedPipeline(from: ImportSource, text: string, file: string): ImportedPipeline {
  const { steps, notConverted } = readers[from](text)
  const refused: NotConverted[] = [...notConverted]
  if (steps.length === 0 && refused.length === 0)
    refused.push({ line: 1, what: `the file has nothing of ${from} that could be a step` })
  const definitions: StepDefinition[] = []
  for (const step of steps) {
    const mistakes = mistakesOf(step)
    const isKept = mistakes.every(({ isOfFile }) => isOfFile)
    if (isKept) definitions.push(definitionOf(step))
    for (const { what } of mistakes) refused.push({ line: step.line, what, ...(isKept && { isKept }) })
    if (isKept) refused.push(...toBeFilledIn(step))
  }
  const name = (file.split('/').at(-1) ?? '')
    .replace(/\..*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  // Filters of others find the line as it came, not what `format: auto` has read out of it.
  const definition = { name: name.replaceAll(/^-|-$/g, '') || from, format: 'none', steps: definitions }
  const yaml = stringify(definition, { lineWidth: 0 })
  return {
    text: `# From a configuration of ${from}: ${file}\n${yaml}`,
    notConverted: refused.sort((left, right) => left.line - right.line),
  }
}

function definitionOf({ kind, options, when, tagOnFailure }: ImportedStep): StepDefinition {
  return {
    [kind]: options,
    ...(when !== undefined && { when }),
    ...(tagOnFailure !== undefined && { tagOnFailure }),
  }
}

/** What is wrong with a step as one of ours. Files may be on another machine. */
function mistakesOf(step: ImportedStep): readonly { readonly what: string; readonly isOfFile: boolean }[] {
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
function toBeFilledIn(step: ImportedStep): readonly NotConverted[] {
  const text = JSON.stringify(definitionOf(step))
  const variables = (text.match(/\$\{[^{}"]+\}/g) ?? []).map(
    (name) => `${name} is no variable here: put its value there`,
  )
  const dates = step.kind === 'mutate' ? (text.match(/%\{\+[^{}"]+\}/g) ?? []) : []
  const whats = new Set([...variables, ...dates.map((date) => `${date} is no date here: use the field timestamp`)])
  return [...whats].map((what) => ({ line: step.line, what, isKept: true }))
}
