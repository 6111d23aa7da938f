import type { Logger } from '../core/logger.ts'
import type { NewTopic } from '../kafka/port.ts'
import type { RedactionRules } from '../pipelines/redaction/rules.ts'
import type { ApplicationOptions } from '../runtime/settings.ts'
import type { SinkFactory } from '../sinks/port.ts'
import type { Topology } from '../topology/topology.ts'
import { configuredSinks } from './configured-sinks.ts'
import { engineOptionsOf } from './engine-options.ts'
import { readSettings, type SettingsSource } from './read-settings.ts'
import type { ThreadModule } from '../runtime/application/workers/messages.ts'
import { workerModule } from './worker-module.ts'
import type { WorkerDefinition } from './worker-definition.ts'
import type { WorkerExample } from './worker-example.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** A worker with its settings read and its topology built: what a process starts and what commands look at. */
export interface PreparedWorker {
  readonly name: string
  readonly applicationId: string
  readonly settings: WorkerSettings
  readonly topology: Topology
  /** Not opened: a sink opens when a task does. */
  readonly sinks: readonly SinkFactory[]
  /** What the definition says of topics that it reads and writes, and that of dead letters; without internal topics. */
  readonly topics: readonly NewTopic[]
  /** The engine's options: those of the definition win over those from the settings. */
  readonly engine: ApplicationOptions
  /** What taps hide of its records; undefined: what they hide of any. */
  readonly redaction: RedactionRules | undefined
  readonly examples: readonly WorkerExample[]
  /** Logs with the name of the worker. */
  readonly logger: Logger
  /** What worker threads import; undefined: the worker is of no module. */
  readonly module: ThreadModule | undefined
}

export interface PrepareOptions {
  readonly environment: SettingsSource['environment']
  readonly logger: (settings: WorkerSettings) => Logger
  /** Instead of those of the definition or of the settings. */
  readonly sinks?: readonly SinkFactory[] | undefined
  /** As `readSettings` takes it. */
  readonly unknownNames?: SettingsSource['unknownNames']
  /** The module that the definition was imported from, for worker threads. Default: none. */
  readonly file?: string | undefined
}

/** Reads settings and builds the topology; nothing is connected. Rejects with INVALID_SETTINGS or TOPOLOGY errors. */
export async function prepareWorker(definition: WorkerDefinition, options: PrepareOptions): Promise<PreparedWorker> {
  const { environment, unknownNames, file } = options
  const { name } = definition
  const settings = readSettings({ environment, own: definition.settings, unknownNames })
  const logger = options.logger(settings).child({ worker: name })
  const sinks = options.sinks ?? definition.sinks?.(settings, logger) ?? configuredSinks(settings, logger)
  const topology = await definition.topology({ settings, sinks: sinks.map((sink) => sink.name), logger })
  const applicationId = settings.applicationId ?? definition.applicationId?.(settings) ?? name
  const engine = { ...engineOptionsOf(name, applicationId, settings), ...definition.options?.(settings) }
  return Object.freeze({
    name,
    applicationId,
    settings,
    topology: topology.build(),
    sinks,
    topics: withDeadLetters(definition.topics?.(settings) ?? [], engine),
    engine,
    redaction: definition.redaction?.(settings),
    examples: definition.examples ?? [],
    logger,
    module: file === undefined ? undefined : workerModule({ file, environment, unknownNames }),
  })
}

/** The topic of dead letters too, as the brokers make topics by default, where the definition does not list it. */
function withDeadLetters(
  topics: readonly NewTopic[],
  { deadLetterTopic, replicationFactor = -1 }: ApplicationOptions,
): readonly NewTopic[] {
  if (deadLetterTopic === undefined || topics.some(({ name }) => name === deadLetterTopic)) return topics
  return [...topics, { name: deadLetterTopic, partitions: -1, replicationFactor, configs: {} }]
}
