import { systemClock } from './core/clock.ts'
import type { Clock } from './core/clock.ts'
import { MillraceError } from './core/errors.ts'
import { standardErrorLogger } from './core/logger.ts'
import type { Logger } from './core/logger.ts'
import type { TracingOptions } from './core/tracing.ts'
import { quoted, shown, told } from './core/shown.ts'
import type { TopologyDefinition } from './dsl/define-topology.ts'
import type { MemoryCluster } from './kafka/memory/cluster.ts'
import { createMemoryDriver } from './kafka/memory/driver.ts'
import type { KafkaDriver } from './kafka/port.ts'
import type { ClusterOptions } from './kafka/wire/connection/cluster-options.ts'
import { createWireDriver } from './kafka/wire/driver.ts'
import { createApplication } from './runtime/application/application.ts'
import { splitFunctions } from './runtime/application/workers/thread-parts.ts'
import { workerThreads } from './runtime/application/workers/worker-threads.ts'
import type { ThreadKind } from './runtime/thread/thread-kind.ts'
import type { Application } from './runtime/application/application.ts'
import type { CloseOptions } from './runtime/application/close-options.ts'
import type { RuntimeListener } from './runtime/listener.ts'
import type { ApplicationOptions } from './runtime/settings.ts'
import type { RecordedClosings } from './runtime/task/idle-player.ts'
import type { SinkFactory } from './sinks/port.ts'
import { createTaskStores } from './stores/create-task-stores.ts'
import { openLmdbTaskStores } from './stores/lmdb/open-task-stores.ts'
import type { OpenTaskStores } from './stores/task-stores.ts'
import type { Topology } from './topology/topology.ts'
import { fileOf, type TopologyModule } from './topology-module.ts'

/** Brokers on the network, or a cluster in this process, for tests and for embedding. */
export type KafkaConnection =
  | ({
      /** `wire`: connect to brokers. The default. */
      readonly driver?: 'wire'
    } & ClusterOptions)
  | {
      /** `memory`: use a cluster in this process. */
      readonly driver: 'memory'
      /** The cluster; applications that exchange records share one cluster. */
      readonly cluster: MemoryCluster
    }

/** Everything that a process needs to run an application; adapters are chosen here and nowhere else. */
export interface StreamsConfig extends ApplicationOptions {
  /** The brokers to connect to, or a cluster in this process. */
  readonly kafka: KafkaConnection
  /** The engine of stores with `engine: 'disk'`. Default: LMDB if there is a `stateDirectory`, otherwise memory. */
  readonly storeEngine?: 'lmdb' | 'memory' | undefined
  /** Targets outside of Kafka that tasks write to. Default: none. */
  readonly sinks?: readonly SinkFactory[] | undefined
  /** The source of time. Default: `systemClock`. */
  readonly clock?: Clock | undefined
  /** Default: warnings and errors on standard error; `silentLogger` writes nothing. */
  readonly logger?: Logger | undefined
  /** Called when something happens, for metrics and alerts. Default: none. */
  readonly listener?: RuntimeListener | undefined
  /** Traces of records with their operators. Default: none, and no cost. */
  readonly tracing?: TracingOptions | undefined
}

/** An application with the connections that were opened for it. */
export interface Streams {
  /** The application: its state, status, stores and queries. */
  readonly application: Application
  /** Commits, leaves the group (a static member only with `leaveGroup`), closes the connections. */
  close(options?: CloseOptions): Promise<void>
}

/** Builds an application without starting it. Throws INVALID_SETTINGS or INVALID_OPTION. */
export function composeStreams(given: StreamsConfig, topology: Topology | TopologyDefinition): Streams {
  checkArguments(given, topology)
  const config = isModule(topology) ? { ...topology.options, ...given } : given
  const threadKind = pickThreads(config, topology)
  const { kafka, ...rest } = config
  return composeOn(openKafka(kafka, config.logger ?? standardErrorLogger), rest, topology, { threadKind })
}

/** What not every application has. */
interface MoreParts {
  /** Those that a replay repeats. */
  readonly closings?: RecordedClosings | undefined
  /** Default: threads on the event loop. */
  readonly threadKind?: ThreadKind | undefined
}

/** As `composeStreams`, on a driver that is open already; `close` closes it. */
export function composeOn(
  driver: KafkaDriver,
  config: Omit<StreamsConfig, 'kafka'>,
  topology: Topology | TopologyDefinition,
  { closings, threadKind }: MoreParts = {},
): Streams {
  const {
    storeEngine: _,
    sinks,
    logger = standardErrorLogger,
    clock = systemClock,
    listener,
    tracing,
    ...options
  } = config
  const application = createApplication(options, {
    topology: 'build' in topology ? topology.build() : topology,
    driver,
    openStores: openStoresOf(config),
    sinks,
    clock,
    logger,
    listener,
    closings,
    tracing,
    threadKind,
  })
  return {
    application,
    async close(options) {
      try {
        await application.close(options)
      } finally {
        await driver.close()
      }
    },
  }
}

/**
 * Starts an application: creates its internal topics, loads global tables, starts threads and joins the group. If it
 * fails with an error that waiting cannot repair, such as INVALID_SETTINGS, it closes everything that it opened and
 * rejects.
 *
 * @example
 * ```ts
 * const doubled = defineTopology('doubled', (builder) => {
 *   builder
 *     .stream('numbers', { key: string(), value: integer() })
 *     .mapValues((value) => value * 2)
 *     .to('doubled', { value: integer() })
 * })
 * const streams = await startStreams({ applicationId: 'doubler', kafka }, doubled)
 * await streams.close()
 * ```
 */
export async function startStreams(config: StreamsConfig, topology: Topology | TopologyDefinition): Promise<Streams> {
  const streams = composeStreams(config, topology)
  try {
    await streams.application.start()
  } catch (error) {
    await streams.close().catch(() => {})
    throw error
  }
  return streams
}

/**
 * Opens a separate driver, for admin calls and for reading and writing from outside of an application. The caller
 * closes it. Brokers that fail are logged to `logger`, unless the connection has its own logger.
 */
export function openKafka(kafka: KafkaConnection, logger?: Logger): KafkaDriver {
  if (kafka.driver === 'memory') return createMemoryDriver(kafka.cluster)
  return createWireDriver(logger === undefined ? kafka : { logger, ...kafka })
}

/** What the types rule out: a part that is missing, or both in the wrong order. */
function checkArguments(config: Partial<StreamsConfig> | undefined, topology: object | undefined): void {
  const faults: string[] = []
  if (typeof config?.kafka !== 'object' || config.kafka === null)
    faults.push(`kafka of the first argument is ${told(config?.kafka)}: give { bootstrap: 'host:port' }`)
  else faults.push(...partFaults(config))
  if (typeof topology !== 'object' || topology === null || !('build' in topology || 'nodes' in topology))
    faults.push(`the second argument is ${shown(topology)}: pass the topology that builder.build() returns`)
  if (faults.length > 0)
    throw new MillraceError('INVALID_SETTINGS', 'fatal', faults.join('; '), { details: { faults } })
}

/** Of the parts that are no options of an application. */
function partFaults({ kafka, storeEngine, sinks, logger }: Partial<StreamsConfig>): readonly string[] {
  const faults: string[] = []
  const driver: unknown = kafka?.driver
  if (driver !== undefined && driver !== 'wire' && driver !== 'memory')
    faults.push(`kafka.driver is ${quoted(driver)}: it must be one of wire, memory`)
  if (kafka?.driver === 'memory' && typeof kafka.cluster !== 'object')
    faults.push(`kafka.cluster is ${quoted(kafka.cluster)}: pass a MemoryCluster`)
  if (storeEngine !== undefined && storeEngine !== 'lmdb' && storeEngine !== 'memory')
    faults.push(`storeEngine is ${quoted(storeEngine)}: it must be one of lmdb, memory`)
  if (sinks !== undefined && !Array.isArray(sinks))
    faults.push(`sinks is ${quoted(sinks)}: it must be a list of what the makers of sinks return`)
  const missing = loggerMethods.filter((name) => logger !== undefined && typeof logger?.[name] !== 'function')
  if (missing.length > 0)
    faults.push(
      `logger is ${quoted(logger)}: it must have the methods ${missing.join(', ')}; silentLogger writes nothing`,
    )
  return faults
}

const loggerMethods = ['debug', 'info', 'warn', 'error', 'child'] as const

/** LMDB where there is a directory, unless the configuration says otherwise. */
export function openStoresOf(config: Pick<StreamsConfig, 'storeEngine' | 'stateDirectory'>): OpenTaskStores {
  const engine = config.storeEngine ?? (config.stateDirectory === undefined ? 'memory' : 'lmdb')
  if (engine === 'memory') return (options) => createTaskStores({ ...options, directory: undefined })
  return openLmdbTaskStores
}

/** What a worker thread opens its own driver and stores with. */
export interface IsolateChoice {
  readonly kafka: Omit<ClusterOptions, 'clock' | 'logger'>
  readonly storeEngine: StreamsConfig['storeEngine']
}

function isWire(kafka: KafkaConnection): kafka is Extract<KafkaConnection, { readonly driver?: 'wire' }> {
  return kafka.driver === undefined || kafka.driver === 'wire'
}

function isModule(topology: object): topology is TopologyModule {
  return 'module' in topology
}

/** undefined: threads on the event loop. Throws INVALID_SETTINGS for what a worker thread cannot be given. */
function pickThreads(config: StreamsConfig, topology: Topology | TopologyDefinition): ThreadKind | undefined {
  const { threads = 1, threadKind = 'auto', kafka } = config
  const isAutomatic = isModule(topology) && threads > 1 && isWire(kafka)
  if (threadKind === 'event-loop' || (threadKind === 'auto' && !isAutomatic)) return undefined
  const faults = workerFaults(config, topology)
  if (faults.length > 0 || !isModule(topology) || !isWire(kafka))
    throw new MillraceError('INVALID_SETTINGS', 'fatal', faults.join('; '), { details: { faults } })
  const { sasl } = kafka
  const reach = { ...without(kafka, ['clock', 'logger']), ...(sasl && { sasl: splitFunctions(sasl).data }) }
  const own = ['kafka', 'storeEngine', 'sinks', 'listener', 'clock', 'logger', 'tracing'] as const
  return workerThreads({
    entry: new URL(fileOf('thread-isolate')),
    module: topology.module,
    options: splitFunctions(without(config, own)).data,
    adapters: { kafka: reach, storeEngine: config.storeEngine } satisfies IsolateChoice,
    token: async () => (sasl?.mechanism === 'OAUTHBEARER' ? sasl.token() : ''),
  })
}

function without<T extends object, Name extends keyof T>(object: T, names: readonly Name[]): Omit<T, Name> {
  const left: Partial<T> = { ...object }
  for (const name of names) delete left[name]
  return left as Omit<T, Name>
}

/** One sentence for each fault. */
function workerFaults(config: StreamsConfig, topology: Topology | TopologyDefinition): readonly string[] {
  const faults: string[] = []
  if (!isModule(topology))
    faults.push("threadKind is 'worker': a worker thread imports its topology: pass await importTopology(url)")
  if (!isWire(config.kafka))
    faults.push(
      `kafka.driver is '${config.kafka.driver}': its cluster is in one thread: set threadKind to 'event-loop'`,
    )
  const ofModule: Readonly<Record<string, unknown>> = isModule(topology) ? { ...topology.options } : {}
  const { sinks, tracing, clock } = config
  const given = { ...splitFunctions(config).functions, sinks, tracing, clock }
  for (const [name, value] of Object.entries(given)) {
    // It is asked in the process.
    if (name === 'uncaughtErrorHandler' || value === undefined || value === ofModule[name]) continue
    faults.push(
      `${name} is given to an application with worker threads, which cannot get it: export it in options of the module, or set threadKind to 'event-loop'`,
    )
  }
  return faults
}
