import { systemClock } from './core/clock.ts'
import type { Clock } from './core/clock.ts'
import { MillraceError } from './core/errors.ts'
import { standardErrorLogger } from './core/logger.ts'
import type { Logger } from './core/logger.ts'
import type { TracingOptions } from './core/tracing.ts'
import { shown } from './core/shown.ts'
import type { TopologyDefinition } from './dsl/define-topology.ts'
import type { MemoryCluster } from './kafka/memory/cluster.ts'
import { createMemoryDriver } from './kafka/memory/driver.ts'
import type { KafkaDriver } from './kafka/port.ts'
import type { ClusterOptions } from './kafka/wire/connection/cluster-options.ts'
import { createWireDriver } from './kafka/wire/driver.ts'
import { createApplication } from './runtime/application/application.ts'
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
export function composeStreams(config: StreamsConfig, topology: Topology | TopologyDefinition): Streams {
  checkArguments(config, topology)
  const { kafka, ...rest } = config
  return composeOn(openKafka(kafka, config.logger ?? standardErrorLogger), rest, topology)
}

/** As `composeStreams`, on a driver that is open already; `close` closes it. `closings`: those that a replay repeats. */
export function composeOn(
  driver: KafkaDriver,
  config: Omit<StreamsConfig, 'kafka'>,
  topology: Topology | TopologyDefinition,
  closings?: RecordedClosings,
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
  if (typeof config?.kafka !== 'object')
    faults.push(`kafka of the first argument is ${shown(config?.kafka)}: give { bootstrap: 'host:port' }`)
  if (typeof topology !== 'object' || !('build' in topology || 'nodes' in topology))
    faults.push(`the second argument is ${shown(topology)}: pass the topology that builder.build() returns`)
  if (faults.length > 0)
    throw new MillraceError('INVALID_SETTINGS', 'fatal', faults.join('; '), { details: { faults } })
}

function openStoresOf(config: Omit<StreamsConfig, 'kafka'>): OpenTaskStores {
  const engine = config.storeEngine ?? (config.stateDirectory === undefined ? 'memory' : 'lmdb')
  if (engine === 'memory') return (options) => createTaskStores({ ...options, directory: undefined })
  return openLmdbTaskStores
}
