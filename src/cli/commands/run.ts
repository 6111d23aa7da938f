import { type Command, InvalidArgumentError } from 'commander'
import { createPinoLogger } from '../../ops/pino-logger.ts'
import { loadWorker } from '../../worker/load-worker.ts'
import { prepareWorker } from '../../worker/prepare-worker.ts'
import { runWorkers } from '../../worker/run-workers.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withExamples, withSettingOptions } from '../common-options.ts'

interface RunOptions extends CommonOptions {
  readonly threads?: string
}

/** `millrace run MODULE…`: modules as the work of this process, each an application of its own. */
export function addRun(program: Command, cli: Cli): void {
  const command = program
    .command('run <module...>')
    .description('Runs topologies until a signal asks the process to end: probes, metrics, logs, drain.')
    .option('--threads <number>', 'stream threads of each application (THREADS)', wholeNumber)
  withSettingOptions(command)
  withExamples(
    command,
    'millrace run ./dist/topology.js --bootstrap kafka:9092',
    'KAFKA_BOOTSTRAP_SERVERS=kafka:9092 millrace run ./topology.ts',
    'millrace run ./orders.js ./payments.js --config settings.json',
  )
  command.addHelpText(
    'after',
    `
Exit codes:
  0  drained after SIGTERM, SIGINT or SIGHUP
  1  failed while it ran; the log has the reason
  2  could not start: a module, a setting or a server
  3  drained in part: what could not be committed in time is processed again by the next owner`,
  )
  cli.action<RunOptions>(command, async (options, ...modules) => {
    const { threads, ...common } = options
    const environment = { ...cli.environment(common), ...(threads === undefined ? {} : { THREADS: threads }) }
    const workers = await Promise.all(
      modules.map(async (module) =>
        prepareWorker(await loadWorker(module, cli.host.directory), {
          environment,
          logger: ({ logLevel }) => createPinoLogger({ level: logLevel }),
          // One file may have the settings of several modules.
          unknownNames: modules.length > 1 ? 'ignored' : 'refused',
        }),
      ),
    )
    return runWorkers(workers, { stop: cli.host.stop, kafka: cli.host.kafka })
  })
}

function wholeNumber(text: string): string {
  if (/^[1-9]\d{0,3}$/.test(text)) return text
  throw new InvalidArgumentError('It must be a whole number, at least 1.')
}
