import type { Registry } from 'prom-client'
import { MillraceError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { shown } from '../core/shown.ts'
import type { KafkaDriver, NewTopic } from '../kafka/port.ts'
import type { SettingDefinition } from './setting-definitions.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** What a service is started with. */
export interface ServiceContext<Settings extends WorkerSettings = WorkerSettings> {
  /** The settings, complete and checked. */
  readonly settings: Settings
  /** Its connections to Kafka; they are closed after the service. */
  readonly kafka: KafkaDriver
  /** The registry of prom-client behind `/metrics`, for metrics of its own. */
  readonly metrics: Registry
  /** Logs with the name of the service. */
  readonly logger: Logger
}

/** A service that runs. */
export interface Service {
  /** Rejects when it has failed: the process then ends with code 1. */
  readonly ended: Promise<void>
  /** Ends it; called once. */
  close(): Promise<void>
}

/** A worker without a topology, such as one that serves what topics hold. Made by `defineService`. */
export interface ServiceDefinition<Own extends object = object> {
  /** Names the service in logs. */
  readonly name: string
  /** Settings of its own beside those of every worker; one with the same path replaces it. Default: none. */
  readonly settings?: readonly SettingDefinition[]
  /** Topics that it reads and writes, with their settings. Default: none. */
  topics?(settings: WorkerSettings & Own): readonly NewTopic[]
  /** Starts it. What it rejects with ends the start of the process. */
  start(context: ServiceContext<WorkerSettings & Own>): Promise<Service>
}

/**
 * Names a service for `millrace run`, which gives it settings, topics, a connection to Kafka, probes, metrics and logs,
 * and closes it at a signal. Throws ILLEGAL_ARGUMENT without a name or a start.
 *
 * @example
 * ```ts
 * const service = defineService({
 *   name: 'tail',
 *   start: ({ kafka, logger }) => startLiveTail(kafka, { topics: ['logs'], logger }),
 * })
 * ```
 */
export function defineService<Own extends object = object>(definition: ServiceDefinition<Own>): ServiceDefinition<Own> {
  const { name, start } = (definition ?? {}) as Partial<ServiceDefinition<Own>>
  if (typeof name !== 'string' || name === '') throw refused(`name is ${shown(name)}: give the service a name`)
  if (typeof start !== 'function') throw refused(`start is ${shown(start)}: pass a function that takes the context`)
  return Object.freeze({ ...definition })
}

function refused(fault: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `defineService: ${fault}`)
}
