import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { builtProgram } from '../../support/built.ts'

export interface FleetProcessOptions {
  /** As `builtProgram` takes it. */
  readonly program: string
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Where it runs; relative files of its own go there. */
  readonly folder: string
}

export interface Line {
  readonly text: string
  readonly from: 'stdout' | 'stderr'
  /** Milliseconds since the process was started. */
  readonly atMs: number
  /** Those of them in which it waited for a processor that others had: what a busy machine adds. */
  readonly heldUpMs: number
}

const running = new Set<FleetProcess>()

/** A program of the fleet as its users run it: compiled, in a process of its own, without a terminal. */
export class FleetProcess {
  readonly lines: Line[] = []
  readonly #child: ChildProcess
  readonly #startedMs = performance.now()
  readonly #ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>

  constructor({ program, args = [], environment = {}, folder }: FleetProcessOptions) {
    this.#child = spawn(process.execPath, ['--enable-source-maps', builtProgram(program), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const from of ['stdout', 'stderr'] as const) {
      const input = this.#child[from]
      if (input === null) continue
      createInterface({ input }).on('line', (text) =>
        this.lines.push({ text, from, atMs: this.ageMs, heldUpMs: heldUpMs(this.#child.pid) }),
      )
    }
    this.#ended = once(this.#child, 'close').then(([code, signal]) => {
      running.delete(this)
      return { code, signal }
    })
    running.add(this)
  }

  /** Ends whatever a test left behind. */
  static async endAll(): Promise<void> {
    await Promise.all([...running].map((process) => process.kill()))
  }

  get ageMs(): number {
    return performance.now() - this.#startedMs
  }

  textOf(from: Line['from']): string {
    return this.lines
      .filter((line) => line.from === from)
      .map(({ text }) => text)
      .join('\n')
  }

  /** The first line that matches, come or to come; rejects when the process ends without it. */
  async line(pattern: RegExp, timeoutMs: number): Promise<Line> {
    let hasEnded = false
    void this.#ended.then(() => {
      hasEnded = true
    })
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const found = this.lines.find(({ text }) => pattern.test(text))
      if (found !== undefined) return found
      const told = this.lines.slice(-15).map(({ text }) => text)
      if (hasEnded) throw new Error(`it ended without a line like ${pattern}:\n${told.join('\n')}`)
      if (performance.now() > deadlineMs) {
        throw new Error(`no line like ${pattern} within ${timeoutMs} ms:\n${told.join('\n')}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Its exit code; the process is killed, and this rejects, when it lasts longer. */
  async exitCode(timeoutMs: number): Promise<number | null> {
    let tooLong = false
    const timer = setTimeout(() => {
      tooLong = true
      this.#child.kill('SIGKILL')
    }, timeoutMs)
    const { code } = await this.#ended
    clearTimeout(timer)
    if (tooLong) throw new Error(`still there after ${timeoutMs} ms:\n${this.textOf('stderr').slice(-3000)}`)
    return code
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** By what Linux tells of a process that runs; 0 elsewhere. */
function heldUpMs(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
