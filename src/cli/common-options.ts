import { type Command, InvalidArgumentError } from 'commander'
import { durationMsOf } from '../worker/offset-reset.ts'

/** The options of every command that reads settings: the file, the servers, the form of the output. */
export function withCommonOptions(command: Command): Command {
  return withConnectionOptions(command).option('--json', 'print one JSON document')
}

/** The same for a command whose output is no document. */
export function withConnectionOptions(command: Command): Command {
  return command
    .option('--bootstrap <host:port>', 'Kafka servers, separated by commas (KAFKA_BOOTSTRAP_SERVERS)', servers)
    .option('--config <file>', 'JSON file of settings (MILLRACE_CONFIG)')
}

/** Shown at the end of `--help`: what people copy. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`)
}

/** The value of `--bootstrap`, in the form of the setting. */
function servers(text: string): string {
  if (/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/.test(text)) return text
  throw new InvalidArgumentError('It must be host:port, several separated by commas.')
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`)
  }
}

/** The options of a view that is drawn again and again. */
export function withViewOptions(command: Command): Command {
  return command
    .option('--once', 'print once, also on a terminal')
    .option('--interval <seconds>', 'time between two updates', wholeNumber(1), 2)
}

/** Milliseconds since the epoch. */
export function isoTime(text: string): number {
  const timeMs = Date.parse(text)
  if (Number.isNaN(timeMs) || !/^\d{4}-\d{2}-\d{2}/.test(text))
    throw new InvalidArgumentError('It must be an ISO 8601 time, as in 2026-11-01T00:00:00Z.')
  return timeMs
}

/** Milliseconds of a duration. */
export function duration(text: string): number {
  const durationMs = durationMsOf(text)
  if (durationMs === undefined) throw new InvalidArgumentError('It must be an ISO 8601 duration, as in PT12H or P2D.')
  return durationMs
}

/** The addresses of workers, one for each time that the option is given. */
export function urls(text: string, earlier: readonly string[] = []): readonly string[] {
  if (!/^https?:\/\/[^\s@]+$/.test(text))
    throw new InvalidArgumentError('It must be http://host:port, without a password.')
  return [...earlier, text]
}
