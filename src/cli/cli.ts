import type { Command } from 'commander'
import { type KafkaConnection, openKafka } from '../app.ts'
import { standardErrorLogger } from '../core/logger.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import { kafkaConnection } from '../worker/kafka-connection.ts'
import { loadWorker } from '../worker/load-worker.ts'
import { type PreparedWorker, prepareWorker } from '../worker/prepare-worker.ts'
import { readSettings } from '../worker/read-settings.ts'
import type { WorkerSettings } from '../worker/worker-settings.ts'
import { audited, type Change } from './audit.ts'
import type { ExitCode, Host } from './host.ts'
import { jsonText } from '../core/json-text.ts'
import { printable } from './printable.ts'

/** A person waits: an unreachable cluster is reported earlier than to a worker. */
const requestTimeoutMs = 10_000

/** Options that commands share: see `common-options.ts`. */
export interface CommonOptions {
  readonly bootstrap?: string
  readonly config?: string
  readonly json?: boolean
}

/** What commands use: the host, settings, a connection, output. One for each run of the command line. */
export class Cli {
  readonly host: Host
  #exitCode: ExitCode = 0
  #settings: WorkerSettings | undefined
  #kafka: KafkaDriver | undefined

  constructor(host: Host) {
    this.host = host
  }

  /** Of the command that ran last. */
  get exitCode(): ExitCode {
    return this.#exitCode
  }

  /** Makes `run` the action of a command; what it resolves with is the exit code. */
  action<Options extends object>(
    command: Command,
    run: (options: Options, ...args: string[]) => Promise<ExitCode>,
  ): Command {
    return command.action(async (...given: unknown[]) => {
      // Commander passes the arguments, then the options, then the command.
      const options = given.at(-2) as Options
      const args = given.slice(0, -2).flat() as string[]
      this.#exitCode = await run(options, ...args)
    })
  }

  /** The worker's settings as this command sees them, read by the first call. Throws INVALID_SETTINGS with every error at once. */
  settings(options: CommonOptions): WorkerSettings {
    this.#settings ??= readSettings({ environment: this.environment(options), unknownNames: 'ignored' })
    return this.#settings
  }

  /** Imports a module and prepares its worker. Rejects with WORKER_MODULE, INVALID_SETTINGS or what its topology throws. */
  async worker(path: string, options: CommonOptions): Promise<PreparedWorker> {
    const definition = await loadWorker(path, this.host.directory)
    return prepareWorker(definition, { environment: this.environment(options), logger: () => standardErrorLogger })
  }

  /** The connection of this run, opened by the first call and closed when the command has ended. */
  kafka(options: CommonOptions): KafkaDriver {
    this.#kafka ??= openKafka(
      this.connection(() => this.settings(options).kafka),
      standardErrorLogger,
    )
    return this.#kafka
  }

  /** How a command reaches the cluster of these settings; one that runs an application, as a worker does. */
  connection(settings: () => WorkerSettings['kafka'], role: 'command' | 'worker' = 'command'): KafkaConnection {
    const presets = role === 'command' ? { requestTimeoutMs } : {}
    return this.host.kafka ?? kafkaConnection({ ...presets, ...settings() }, standardErrorLogger)
  }

  /** Makes a change between two entries of the audit topic that the settings name. Rejects as `audited` does. */
  audited<Result>(options: CommonOptions, change: Change<Result>): Promise<Result> {
    const { topic } = this.settings(options).audit
    return audited({ kafka: this.kafka(options), topic, user: this.host.user }, change)
  }

  /** The result for people, on standard output; a line break is added where the text has none. */
  print(text: string): void {
    this.host.out.write(printable(text.endsWith('\n') ? text : `${text}\n`))
  }

  /** The machine's form of a result: one JSON document. */
  printJson(value: unknown): void {
    this.print(jsonText(value, 2) ?? '')
  }

  /** Tells the user something on standard error that is not part of the result. */
  warn(text: string): void {
    this.host.errors.write(printable(`millrace: ${text}\n`))
  }

  async close(): Promise<void> {
    await this.#kafka?.close().catch(() => {})
    this.#kafka = undefined
  }

  /** The variables of this command: arguments win over the environment, as the environment wins over the file. */
  environment({ bootstrap, config }: CommonOptions): Record<string, string | undefined> {
    return {
      ...this.host.environment,
      ...(bootstrap === undefined ? {} : { KAFKA_BOOTSTRAP_SERVERS: bootstrap }),
      ...(config === undefined ? {} : { MILLRACE_CONFIG: config }),
    }
  }
}
