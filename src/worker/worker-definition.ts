import { MillraceError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { shown } from '../core/shown.ts'
import type { TopologyDefinition } from '../dsl/define-topology.ts'
import type { NewTopic } from '../kafka/port.ts'
import type { RedactionRules } from '../pipelines/redaction/rules.ts'
import type { ApplicationOptions } from '../runtime/settings.ts'
import type { SinkFactory } from '../sinks/port.ts'
import type { SettingDefinition } from './setting-definitions.ts'
import type { WorkerExample } from './worker-example.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** What a worker's functions are given when its process starts, or a command reads it. */
export interface WorkerContext<Settings extends WorkerSettings = WorkerSettings> {
  /** The settings, complete and checked. */
  readonly settings: Settings
  /** The names of the sinks that the process has; `toSink` of the topology may name these. */
  readonly sinks: readonly string[]
  /** Logs with the name of the worker. */
  readonly logger: Logger
}

/** Engine options that the process decides and a definition does not. */
type ProcessOption = 'applicationId' | 'clientId' | 'groupInstanceId' | 'stateDirectory'

/** A worker: a topology with everything that it needs as a process. Made by `defineWorker`. */
export interface WorkerDefinition<Own extends object = object> {
  /** Names the worker in logs and, unless the settings or `applicationId` say otherwise, its group. */
  readonly name: string
  /** Settings of its own beside those of every worker; one with the same path replaces it. Default: none. */
  readonly settings?: readonly SettingDefinition[]
  /** The topology. Called once for each start or command; it may read files and wait for them. */
  topology(context: WorkerContext<WorkerSettings & Own>): TopologyDefinition | Promise<TopologyDefinition>
  /** The application id where the setting `applicationId` is unset. Default: `name`. */
  applicationId?(settings: WorkerSettings & Own): string
  /** Topics that the worker reads and writes, with their settings. Default: only what the topology says. */
  topics?(settings: WorkerSettings & Own): readonly NewTopic[]
  /** Its sinks. Default: those that the settings name. */
  sinks?(settings: WorkerSettings & Own, logger: Logger): readonly SinkFactory[]
  /** Engine options that win over those from the settings. Default: none. */
  options?(settings: WorkerSettings & Own): Partial<Omit<ApplicationOptions, ProcessOption>>
  /** What taps hide of its records. Default: `defaultRedaction` of `millrace/pipelines`. */
  redaction?(settings: WorkerSettings & Own): RedactionRules
  /** Inputs with what becomes of them, for `millrace test` and `millrace run --memory`. Default: none. */
  readonly examples?: readonly WorkerExample[]
}

/**
 * Names a worker for `millrace run` and the other commands. A module may export a plain topology instead, as
 * `defineTopology` makes it: then everything comes from the settings. Throws ILLEGAL_ARGUMENT without a name or a
 * topology.
 *
 * @example
 * ```ts
 * const copies = defineTopology('copies', (builder) => {
 *   builder.stream('originals', { key: string(), value: string() }).to('copies')
 * })
 * const worker = defineWorker({ name: 'copies', topology: () => copies })
 * ```
 */
export function defineWorker<Own extends object = object>(definition: WorkerDefinition<Own>): WorkerDefinition<Own> {
  const { name, topology } = (definition ?? {}) as Partial<WorkerDefinition<Own>>
  if (typeof name !== 'string' || name === '') throw refused(`name is ${shown(name)}: give the worker a name`)
  if (typeof topology !== 'function')
    throw refused(`topology is ${shown(topology)}: pass a function that takes the context`)
  return Object.freeze({ ...definition })
}

function refused(fault: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `defineWorker: ${fault}`)
}
