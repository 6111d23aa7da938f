import type { KafkaConnection } from '../app.ts'
import { errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { TopologyDefinition } from '../dsl/define-topology.ts'
import { createPinoLogger } from '../ops/pino-logger.ts'
import { asRunnable, loadRunnable, workerFile } from './load-worker.ts'
import { prepareRunnable } from './prepare-runnable.ts'
import type { SettingsSource } from './read-settings.ts'
import type { ServiceDefinition } from './service-definition.ts'
import type { WorkerExitCode } from './run-application.ts'
import { runWorkers } from './run-workers.ts'
import { stopSignal } from './stop-signal.ts'
import type { WorkerDefinition } from './worker-definition.ts'

/** How `runWorker` runs a worker. */
export interface RunWorkerOptions {
  /**
   * Resolves when the process is to end, with the reason. Default: `stopSignal()`. A process that is PID 1 calls that
   * itself, before it imports anything else.
   */
  readonly stop?: Promise<string> | undefined
  /** The variables that settings are read from. Default: the environment of the process. */
  readonly environment?: SettingsSource['environment'] | undefined
  /** Instead of the servers that the settings name, such as a cluster in memory. */
  readonly kafka?: KafkaConnection | undefined
  /** Default: JSON lines on standard error, from the level of the setting `logLevel`. */
  readonly logger?: Logger | undefined
}

/**
 * Runs a worker as the work of this process, as `millrace run` does: settings, topics, probes, metrics, logs, and a drain
 * when `stop` resolves. Takes what `defineWorker`, `defineTopology` or `defineService` makes, or the path of a module
 * that exports it. Resolves with the exit code and never rejects: why it could not start is one line on standard error,
 * and code 2.
 */
export async function runWorker<Own extends object>(
  worker: WorkerDefinition<Own> | ServiceDefinition<Own> | TopologyDefinition | string,
  options: RunWorkerOptions = {},
): Promise<WorkerExitCode> {
  const { stop = stopSignal(), environment = process.env, kafka } = options
  try {
    const definition = typeof worker === 'string' ? await loadRunnable(worker, process.cwd()) : asRunnable(worker)
    const logger = options.logger
    const prepared = await prepareRunnable(definition, {
      environment,
      file: typeof worker === 'string' ? workerFile(worker, process.cwd()) : undefined,
      logger: ({ logLevel }) => logger ?? createPinoLogger({ level: logLevel }),
    })
    return await runWorkers([prepared], { stop, kafka })
  } catch (error) {
    process.stderr.write(`millrace: ${errorMessage(error)}\n`)
    return 2
  }
}
