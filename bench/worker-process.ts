import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { guardProcess, releaseProcess } from '../scripts/lab/guard.mjs'

export interface WorkerProcessOptions {
  readonly name: string
  /** The folder with the compiled programs. */
  readonly built: string
  /** What it runs, below that folder: `workers/alerts`. */
  readonly module: string
  readonly environment: Readonly<Record<string, string>>
  /** Its log goes there, and its state unless that has a directory of its own. */
  readonly folder: string
  readonly stateDirectory?: string | undefined
}

const drainTimeoutMs = 90_000

/** A worker as operators run it: `millrace run` of its module, in a process of its own. */
export class WorkerProcess {
  readonly name: string
  readonly #options: WorkerProcessOptions
  #process: ChildProcess | undefined
  #exit: Promise<number | null> = Promise.resolve(null)

  constructor(options: WorkerProcessOptions) {
    this.name = options.name
    this.#options = options
  }

  get stateDirectory(): string {
    const { stateDirectory, folder, name } = this.#options
    return stateDirectory ?? join(folder, `state-${name}`)
  }

  /** `settings`: of this start alone. */
  start(settings: Readonly<Record<string, string>> = {}): void {
    const { name, built, module, environment, folder } = this.#options
    const args = ['--enable-source-maps', join(built, 'src/cli/main.js'), 'run', join(built, `${module}.js`)]
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment, ...settings, STATE_DIRECTORY: this.stateDirectory, OPS_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    this.#process = child
    const pid = child.pid as number
    guardProcess(pid)
    this.#exit = new Promise((resolve) => {
      child.once('exit', (code) => {
        releaseProcess(pid)
        resolve(code)
      })
    })
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** SIGKILL: gone without a word. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#exit
  }

  /** SIGSTOP for the time. */
  async freeze(forMs: number, wait: (ms: number) => Promise<void>): Promise<void> {
    this.#process?.kill('SIGSTOP')
    await wait(forMs)
    this.#process?.kill('SIGCONT')
  }

  /** SIGTERM, then the exit code; null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#process?.kill('SIGTERM')
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), drainTimeoutMs)
    const code = await this.#exit
    clearTimeout(timer)
    return code
  }

  /** The end of its log, for a person. */
  lastLines(): string {
    return readFileSync(join(this.#options.folder, `${this.name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-6)
      .join('\n')
  }
}
