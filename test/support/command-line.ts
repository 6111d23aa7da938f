import type { KafkaConnection } from '../../src/app.ts'
import type { ExitCode, Host } from '../../src/cli/host.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { fileURLToPath } from 'node:url'

export interface CommandResult {
  readonly exitCode: ExitCode
  readonly out: string
  readonly errors: string
}

export interface CommandLine {
  /** Runs `millrace` with these arguments in this process. */
  run(...args: string[]): Promise<CommandResult>
}

/**
 * The command line in this process, as a test uses it. `kafka` replaces the servers of the settings, such as by a
 * cluster in memory; undefined: what the settings name.
 */
export function commandLine(
  options: {
    readonly kafka?: KafkaConnection
    readonly environment?: Host['environment']
    /** Where relative paths start. Default: the folder of the repository. */
    readonly directory?: string
    readonly input?: string
    readonly stop?: Promise<string>
    /** Called when something was written to standard output. */
    readonly onOutput?: () => void
  } = {},
): CommandLine {
  return {
    async run(...args) {
      const written = { out: '', errors: '' }
      const outputTo = (name: 'out' | 'errors') => ({
        write: (text: string) => {
          written[name] += text
          if (name === 'out') options.onOutput?.()
        },
        isTerminal: false,
        columns: 120,
      })
      const host: Host = {
        environment: options.environment ?? {},
        directory: options.directory ?? fileURLToPath(new URL('../..', import.meta.url)),
        out: outputTo('out'),
        errors: outputTo('errors'),
        kafka: options.kafka,
        readInput: () => Promise.resolve(options.input ?? ''),
        lines: () => linesOf(options.input ?? ''),
        stop: options.stop ?? new Promise(() => {}),
        user: 'somebody@somewhere',
      }
      const exitCode = await runCli(args, host)
      return { exitCode, ...written }
    },
  }
}

async function* linesOf(text: string): AsyncIterable<string> {
  yield* text.split('\n')
}
