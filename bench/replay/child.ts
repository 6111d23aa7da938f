import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** A process of the check: the live application, or one that works on a replay. */
export class CheckChild {
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  #out = ''

  constructor(...args: readonly string[]) {
    const file = join(import.meta.dirname, 'check-process.js')
    this.#child = spawn(process.execPath, ['--enable-source-maps', file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#out += chunk.toString()))
    this.#exit = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code)))
  }

  /** What it printed last, once it has ended by itself or by `stop`. Rejects when it failed. */
  async result<T>(): Promise<T> {
    const code = await this.#exit
    if (code !== 0) throw new Error(`the process ended with ${code}`)
    return JSON.parse(this.#out.trim().split('\n').at(-1) ?? '') as T
  }

  async stop<T>(): Promise<T> {
    this.#child.kill('SIGTERM')
    return this.result<T>()
  }

  /** SIGKILL: gone without a word. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }
}
