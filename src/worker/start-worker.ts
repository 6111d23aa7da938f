import type { TopologyModule } from '../topology-module.ts'
import { type KafkaConnection, startStreams, type Streams, type StreamsConfig } from '../app.ts'
import { type Logger, standardErrorLogger } from '../core/logger.ts'
import type { TopologyDefinition } from '../dsl/define-topology.ts'
import type { SinkFactory } from '../sinks/port.ts'
import { ensureTopics } from './ensure-topics.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { asWorker } from './load-worker.ts'
import { type PreparedWorker, prepareWorker } from './prepare-worker.ts'
import type { SettingsSource } from './read-settings.ts'
import { refuseStateLoss } from './state-loss.ts'
import type { WorkerDefinition } from './worker-definition.ts'

/** How `startWorker` starts a worker. */
export interface StartWorkerOptions {
  /** The variables that settings are read from. Default: the environment of the process. */
  readonly environment?: SettingsSource['environment'] | undefined
  /** Instead of the servers that the settings name. State is in memory where this is a cluster in memory. */
  readonly kafka?: KafkaConnection | undefined
  /** Instead of the sinks of the definition or of the settings. */
  readonly sinks?: readonly SinkFactory[] | undefined
  /** Default: warnings and errors on standard error. */
  readonly logger?: Logger | undefined
}

/**
 * Starts the application of a worker within a process that does something else too: without probes, signals and exit
 * codes. Resolves when its threads have begun to join the group. Rejects as `startStreams` does, and with
 * INVALID_SETTINGS or STATE_LOSS.
 */
export async function startWorker<Own extends object>(
  worker: WorkerDefinition<Own> | TopologyDefinition,
  options: StartWorkerOptions = {},
): Promise<Streams> {
  const { environment = process.env, logger = standardErrorLogger, sinks } = options
  const prepared = await prepareWorker(asWorker(worker), { environment, logger: () => logger, sinks })
  return startPrepared(prepared, options.kafka ?? kafkaConnection(prepared.settings.kafka, prepared.logger))
}

/**
 * Creates the topics of the definition, unless the settings forbid it, and starts the application. Rejects with STATE_LOSS
 * before anything is created.
 */
export async function startPrepared(
  worker: PreparedWorker,
  kafka: KafkaConnection,
  observers: Pick<StreamsConfig, 'listener' | 'tracing'> = {},
): Promise<Streams> {
  const { topology, topics, settings, sinks, engine, logger } = worker
  await refuseStateLoss(worker, kafka)
  if (settings.kafka.createTopics) await ensureTopics(kafka, topics)
  const state = kafka.driver === 'memory' ? { stateDirectory: undefined } : {}
  const config = { ...engine, ...state, kafka, sinks, logger, ...observers }
  if (worker.module === undefined) return startStreams(config, topology)
  const { name, module } = worker
  const options = { ...engine, sinks, tracing: observers.tracing }
  const imported: TopologyModule = { name, build: () => topology, options, module }
  return startStreams(config, imported)
}
