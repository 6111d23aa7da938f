import { Command, CommanderError } from 'commander'
import { errorCode, errorMessage } from '../core/errors.ts'
import { Cli } from './cli.ts'
import { commands } from './commands/commands.ts'
import type { ExitCode, Host } from './host.ts'
import { packageVersion } from './init/scaffold.ts'
import { settingsToCheck } from './settings-to-check.ts'

/**
 * Runs `millrace` with these arguments. Never rejects: errors are written to the host, each with the server or setting
 * and the fix, and become exit code 2.
 */
export async function runCli(args: readonly string[], host: Host): Promise<ExitCode> {
  const cli = new Cli(host)
  const program = createProgram(cli)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return cli.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    cli.warn(errorMessage(error))
    const settings = settingsToCheck(errorCode(error))
    if (settings !== undefined) cli.warn(settings)
    return 2
  } finally {
    await cli.close()
  }
}

/** The whole command line as commander's tree; the completion script is made from it too. */
export function createProgram(cli: Cli): Command {
  const program = new Command('millrace')
    .description('Runs, inspects, replays and repairs applications made with millrace.')
    .version(packageVersion())
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.host.out.write(text),
      writeErr: (text) => cli.host.errors.write(text.replace(/^error: /, 'millrace: ')),
      getOutHelpWidth: () => cli.host.out.columns,
      getErrHelpWidth: () => cli.host.errors.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  for (const add of commands) add(program, cli)
  return program
}
