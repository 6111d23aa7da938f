import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaPeer } from '../../scripts/kafka-streams/peer.mjs'
import { guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'

export type Engine = 'java' | 'millrace'
export type Guarantee = 'at-least-once' | 'exactly-once'

export interface PeerOptions {
  readonly bootstrap: string
  readonly applicationId: string
  /** Of this process: what is there is used again. */
  readonly stateFolder: string
  /** Whether it leaves the group when it closes, or stays a member until its session is over (6 s), as is Java's default. millrace always leaves. */
  readonly atEnd?: 'leave' | 'stay'
  readonly protocol?: 'classic' | 'streams'
  readonly guarantee?: Guarantee
  readonly threads?: number
  /** Default 200. */
  readonly commitIntervalMs?: number
  /** Of the record caches; default 10 MB. With 0 every record has a result of its own. */
  readonly cacheBytes?: number
  /** Of the producers; default 100, as both have it. */
  readonly lingerMs?: number
  /** Where it is given, Java writes it and the times of a streams group, as millrace always does. */
  readonly standbys?: number
  /**
   * `shop` is the topology of `shop.ts`, `named` that of `named-counts.ts`, `words` that of `counting-worker.mjs`, which
   * only Java has here.
   */
  readonly topology?: 'shop' | 'named' | 'words'
  /** Of the process, for the topology `named`. */
  readonly name?: string
  /** What the names of its input and output topics begin with. */
  readonly inputs?: string
  readonly outputs?: string
  /** All stages of Java's compiler, for measurements; default: the first only, with which it starts sooner. */
  readonly fullSpeed?: boolean
}

const startTimeoutMs = 120_000
const closeTimeoutMs = 60_000
/** Two processes that start together compile it once. */
const programs = new Map<boolean, ReturnType<typeof javaPeer>>()
const running = new Set<PeerApplication>()

/** A process of an application that Java and millrace both have: `Peer.java` or `peer-process.ts`. */
export class PeerApplication {
  readonly engine: Engine
  readonly #child: ChildProcess
  readonly #lines: string[] = []

  private constructor(engine: Engine, child: ChildProcess) {
    this.engine = engine
    this.#child = child
    for (const input of [child.stdout, child.stderr])
      if (input !== null) createInterface({ input }).on('line', (line) => this.#lines.push(line))
  }

  /** Resolves when it runs. */
  static async start(engine: Engine, options: PeerOptions): Promise<PeerApplication> {
    await mkdir(options.stateFolder, { recursive: true })
    const { program, args } = engine === 'java' ? await java(options) : millrace()
    const child = spawn(program, [...args, ...argumentsOf(options)], { stdio: ['pipe', 'pipe', 'pipe'] })
    guardProcess(child.pid as number)
    const application = new PeerApplication(engine, child)
    running.add(application)
    await application.#told('RUNNING')
    return application
  }

  /** Ends whatever a run left behind. */
  static async killAll(): Promise<void> {
    await Promise.all([...running].map((application) => application.kill()))
  }

  /** Dies without a word. */
  kill(): Promise<void> {
    return this.#ended('SIGKILL')
  }

  /** SIGSTOP: it has its connections and its memory, and does nothing. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async close(): Promise<void> {
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), closeTimeoutMs)
    await this.#ended()
    clearTimeout(timer)
    if (!this.#lines.includes('CLOSED')) throw new Error(`${this.engine} ended badly:\n${this.lastLines()}`)
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The end of what it printed, for a person. */
  lastLines(): string {
    return this.#lines.slice(-40).join('\n')
  }

  async #ended(signal?: NodeJS.Signals): Promise<void> {
    const exit = this.isRunning ? once(this.#child, 'exit') : undefined
    if (signal !== undefined) this.#child.kill(signal)
    await exit
    releaseProcess(this.#child.pid as number)
    running.delete(this)
  }

  async #told(line: string): Promise<void> {
    const deadlineMs = performance.now() + startTimeoutMs
    while (!this.#lines.includes(line)) {
      if (!this.isRunning || performance.now() > deadlineMs)
        throw new Error(`${this.engine} did not say ${line}:\n${this.lastLines()}`)
      // A short time: how long a start takes is measured.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

/** RocksDB unpacks its library into the temporary folder, and who is killed leaves it there. */
async function java({ stateFolder, fullSpeed = false }: PeerOptions): ReturnType<typeof javaPeer> {
  const program = programs.get(fullSpeed) ?? javaPeer({ fullSpeed })
  programs.set(fullSpeed, program)
  const { program: path, args } = await program
  return { program: path, args: [`-Djava.io.tmpdir=${stateFolder}`, ...args] }
}

function millrace(): { readonly program: string; readonly args: readonly string[] } {
  const args = ['--enable-source-maps', join(import.meta.dirname, 'peer-process.js')]
  return { program: process.execPath, args }
}

function argumentsOf(options: PeerOptions): readonly string[] {
  const named = {
    bootstrap: options.bootstrap,
    application: options.applicationId,
    state: options.stateFolder,
    atEnd: options.atEnd ?? 'leave',
    protocol: options.protocol ?? 'classic',
    guarantee: options.guarantee === 'exactly-once' ? 'exactly_once_v2' : 'at_least_once',
    threads: options.threads ?? 1,
    commitMs: options.commitIntervalMs ?? 200,
    cacheBytes: options.cacheBytes ?? 10 * 1024 * 1024,
    lingerMs: options.lingerMs ?? 100,
    standbys: options.standbys ?? '',
    topology: options.topology ?? 'shop',
    inputs: options.inputs ?? '',
    outputs: options.outputs ?? '',
    name: options.name ?? '',
  }
  return Object.entries(named).map(([name, value]) => `${name}=${value}`)
}
