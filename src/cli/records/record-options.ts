import type { Command } from 'commander'

/** The options that decide what of a record is hidden; `RedactionOptions` has their values. */
export function withRedaction(command: Command): Command {
  return command
    .option('--redact <name...>', 'members and headers to hide, in addition to what looks like a secret')
    .option('--show-secrets', 'hide only what --redact names')
}
