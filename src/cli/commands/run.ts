import type { Command } from 'commander'
import { standardErrorLogger } from '../../core/logger.ts'
import { createPinoLogger } from '../../ops/pino-logger.ts'
import { loadRunnable, loadWorker, workerFile } from '../../worker/load-worker.ts'
import { prepareRunnable } from '../../worker/prepare-runnable.ts'
import { type PreparedWorker, type PrepareOptions, prepareWorker } from '../../worker/prepare-worker.ts'
import type { PreparedService } from '../../worker/run-service.ts'
import { runWorkers } from '../../worker/run-workers.ts'
import { workerTap } from '../tap/worker-tap.ts'
import { runInMemory } from '../memory-run/memory-run.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { wholeNumber, withCommonOptions, withExamples } from '../common-options.ts'

interface RunOptions extends CommonOptions {
  readonly threads?: number
  readonly acceptLoss?: boolean
  readonly memory?: boolean
  readonly input?: readonly string[]
  readonly rate: number
}

/** `millrace run MODULE…`: modules as the work of this process, each an application of its own. */
export function addRun(program: Command, cli: Cli): void {
  const command = program
    .command('run <module...>')
    .description('Runs topologies until a signal asks the process to end: probes, metrics, logs, drain.')
    .option('--threads <number>', 'stream threads of each application (THREADS)', wholeNumber(1))
    .option('--accept-loss', 'start although rows of stores stay behind (ALLOW_STATE_LOSS); see millrace diff')
    .option('--memory', 'run on a Kafka inside this process, with all topics, and print what is written')
    .option('--input <topic=file...>', 'with --memory: lines to write to a topic; - is standard input')
    .option('--rate <records/s>', 'with --memory and without --input: records of the examples', wholeNumber(1), 1)
  withCommonOptions(command)
  withExamples(
    command,
    'millrace run ./dist/topology.js --bootstrap kafka:9092',
    'KAFKA_BOOTSTRAP_SERVERS=kafka:9092 millrace run ./topology.ts',
    'millrace run ./orders.js ./payments.js --config settings.json',
    'echo "hello" | millrace run ./topology.ts --memory --input lines=-',
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
    if (options.memory !== true) {
      const workers = await prepared(cli, modules, options)
      return runWorkers(workers, { stop: cli.host.stop, kafka: cli.host.kafka, tap: workerTap })
    }
    const { input = [], rate, json = false } = options
    const workers = await preparedForMemory(cli, modules, options)
    return runInMemory(cli, workers, { inputs: input, ratePerSecond: rate, json })
  })
}

function prepared(
  cli: Cli,
  modules: readonly string[],
  options: RunOptions,
): Promise<readonly (PreparedWorker | PreparedService)[]> {
  return Promise.all(
    modules.map(async (module) => {
      const runnable = await loadRunnable(module, cli.host.directory)
      return prepareRunnable(runnable, prepareOptions(cli, modules, module, options))
    }),
  )
}

function preparedForMemory(
  cli: Cli,
  modules: readonly string[],
  options: RunOptions,
): Promise<readonly PreparedWorker[]> {
  return Promise.all(
    modules.map(async (module) => {
      const worker = await loadWorker(module, cli.host.directory)
      return prepareWorker(worker, prepareOptions(cli, modules, module, options))
    }),
  )
}

function prepareOptions(cli: Cli, modules: readonly string[], module: string, options: RunOptions): PrepareOptions {
  const { threads, memory, acceptLoss } = options
  return {
    environment: {
      ...cli.environment(options),
      ...(threads === undefined ? {} : { THREADS: String(threads) }),
      ...(acceptLoss === true ? { ALLOW_STATE_LOSS: 'true' } : {}),
    },
    file: workerFile(module, cli.host.directory),
    // A person reads what a cluster in memory is for; a machine reads the log of a worker.
    logger: ({ logLevel }) => (memory === true ? standardErrorLogger : createPinoLogger({ level: logLevel })),
    // One file may have the settings of several modules.
    unknownNames: modules.length > 1 ? 'ignored' : 'refused',
  }
}
