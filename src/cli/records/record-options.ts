import type { Command } from 'commander'

/** The options that decide what of a record is hidden; `RedactionOptions` has their values. */
export function withRedaction(command: Command): Command {
  return command
    .option('--redact <name...>', 'fields and headers to hide, in addition to values that look like secrets')
    .option('--show-secrets', 'hide only the fields that --redact names')
}
