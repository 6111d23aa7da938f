import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'

const drainTimeoutMs = 90_000

/** A process of the application, as operators run it: `millrace run` of the worker's module. */
export class ChaosWorker {
  readonly name: string
  threads = 2
  readonly #folder: string
  readonly #stateDirectory: string
  readonly #environment: Readonly<Record<string, string>>
  #process: ChildProcess | undefined
  #exit: Promise<number | null> = Promise.resolve(null)

  /** Its log and, unless it is given elsewhere, its state go below the folder. */
  constructor(
    name: string,
    folder: string,
    environment: Readonly<Record<string, string>>,
    stateDirectory = join(folder, `state-${name}`),
  ) {
    this.name = name
    this.#folder = folder
    this.#environment = environment
    this.#stateDirectory = stateDirectory
  }

  start(): void {
    const built = join(import.meta.dirname, '../..')
    const args = ['--enable-source-maps', join(built, 'src/cli/main.js'), 'run', join(built, 'bench/chaos/worker.js')]
    const settings = { STATE_DIRECTORY: this.#stateDirectory, OPS_PORT: '0', THREADS: String(this.threads) }
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...this.#environment, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(join(this.#folder, `${this.name}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    this.#process = child
    this.#exit = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
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
  lastLines(count = 6): string {
    return readFileSync(join(this.#folder, `${this.name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-count)
      .join('\n')
  }
}
