import { stringify } from 'yaml'
import type { NotConverted } from './blocks.ts'
import { fluentBitSteps } from './fluent-bit.ts'
import { importedDefinitions } from './imported-definitions.ts'
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
  const definitions = importedDefinitions(steps, refused)
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
