import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkerKind } from '../../fleet/kinds.ts'

/** A module of `workers/`. */
export type FleetWorker = WorkerKind | 'alerts'

export interface WorkerProcessOptions {
  readonly kind: FleetWorker
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  /** State and log go below it. */
  readonly folder: string
}

const drainTimeoutMs = 90_000

/** A worker as operators run it: a process of its own, started from its file. */
export class WorkerProcess {
  readonly kind: FleetWorker
  readonly name: string
  readonly #options: WorkerProcessOptions
  #process: ChildProcess | undefined
  #exit: Promise<number | null> = Promise.resolve(null)

  constructor(options: WorkerProcessOptions) {
    this.kind = options.kind
    this.name = options.name
    this.#options = options
  }

  start(): void {
    const { kind, name, environment, folder } = this.#options
    const built = join(import.meta.dirname, '../..')
    const args = ['--enable-source-maps', join(built, 'src/cli/main.js'), 'run', join(built, `workers/${kind}.js`)]
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment, STATE_DIRECTORY: join(folder, `state-${name}`), OPS_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    this.#process = child
    this.#exit = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
  }

  /** SIGKILL: gone without a word. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#exit
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** The end of its log, for a person. */
  lastLines(): string {
    const { folder, name } = this.#options
    return readFileSync(join(folder, `${name}.log`), 'utf8')
      .split('\n')
      .slice(-6)
      .join('\n')
  }

  /** SIGTERM, then the exit code; null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#process?.kill('SIGTERM')
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), drainTimeoutMs)
    const code = await this.#exit
    clearTimeout(timer)
    return code
  }
}
