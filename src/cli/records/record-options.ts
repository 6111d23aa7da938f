import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { readPipeline } from '../pipeline/pipeline-file.ts'
import { redactionKey } from '../pipeline/redaction-key.ts'
import { Redaction, type RedactionOptions } from './redaction.ts'

/** The values of the options that decide what of a record is hidden. */
export interface HidingOptions extends Pick<RedactionOptions, 'redact' | 'showSecrets'> {
  readonly redactBy?: string
}

/** The options that decide what of a record is hidden. */
export function withRedaction(command: Command): Command {
  return command
    .option('--redact <name...>', 'fields and headers to hide, in addition to values that look like secrets')
    .option('--redact-by <file>', 'a pipeline whose section redaction says what looks like a secret')
    .option('--show-secrets', 'hide only the fields that --redact names')
}

/**
 * What a command hides. Without a file: what `rules` say, such as those of the worker whose records are shown. Rejects as
 * `readPipeline` does, and with REDACTION_KEY.
 */
export async function redactionOf(
  cli: Cli,
  { redactBy, ...options }: HidingOptions,
  rules?: RedactionOptions['rules'],
): Promise<Redaction> {
  if (redactBy === undefined) return new Redaction({ ...options, rules })
  const { redaction } = await readPipeline(cli, redactBy)
  return new Redaction({ ...options, rules: { rules: redaction, hashKey: redactionKey(cli) } })
}
