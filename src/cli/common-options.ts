import { type Command, InvalidArgumentError } from 'commander'

/** The options of every command that reads settings: the file, the servers, the form of the output. */
export function withCommonOptions(command: Command): Command {
  return withSettingOptions(command).option('--json', 'print one JSON document')
}

/** Where settings come from besides the environment. */
export function withSettingOptions(command: Command): Command {
  return command
    .option('--bootstrap <host:port>', 'Kafka servers, separated by commas (KAFKA_BOOTSTRAP_SERVERS)', servers)
    .option('--config <file>', 'JSON file of settings (MILLRACE_CONFIG)')
}

/** Shown at the end of `--help`: what people copy. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`)
}

function servers(text: string): string {
  if (/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/.test(text)) return text
  throw new InvalidArgumentError('It must be host:port, several separated by commas.')
}
