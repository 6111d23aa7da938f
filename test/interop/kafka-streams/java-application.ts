import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaPeer } from '../../../scripts/kafka-streams/peer.mjs'
import { guardFolder, guardProcess, releaseProcess } from '../../../scripts/lab/guard.mjs'

const running = new Set<JavaApplication>()

interface JavaOptions {
  readonly protocol?: 'classic' | 'streams'
  readonly topology?: 'shop' | 'words'
}

/** The application of `Peer.java` as a process. */
export class JavaApplication {
  readonly #child: ChildProcess
  readonly #lines: string[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    for (const input of [child.stdout, child.stderr])
      if (input !== null) createInterface({ input }).on('line', (line) => this.#lines.push(line))
  }

  /**
   * `atEnd`: whether it leaves the group when it closes, or stays a member until its session is over (6 s), as is Java's default.
   * `words` is the topology of `counting-worker.mjs`, `shop` that of `topology.ts`.
   */
  static async start(
    bootstrap: string,
    applicationId: string,
    atEnd: 'leave' | 'stay',
    { protocol = 'classic', topology = 'shop' }: JavaOptions = {},
  ): Promise<JavaApplication> {
    const { program, args } = await javaPeer()
    const folder = await mkdtemp(join(tmpdir(), 'millrace-java-'))
    guardFolder(folder)
    const child = spawn(program, [...args, bootstrap, applicationId, folder, atEnd, protocol, topology], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    guardProcess(child.pid as number)
    const application = new JavaApplication(child)
    running.add(application)
    await application.#told('RUNNING')
    return application
  }

  /** Ends whatever a test left behind. */
  static async killAll(): Promise<void> {
    await Promise.all([...running].map((application) => application.#ended('SIGKILL')))
  }

  /** Dies without a word. */
  kill(): Promise<void> {
    return this.#ended('SIGKILL')
  }

  async close(): Promise<void> {
    this.#child.stdin?.end()
    await this.#ended()
    if (!this.#lines.includes('CLOSED')) throw new Error(`the Java application ended badly:\n${this.#lines.join('\n')}`)
  }

  async #ended(signal?: NodeJS.Signals): Promise<void> {
    const exit = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined
    if (signal !== undefined) this.#child.kill(signal)
    await exit
    releaseProcess(this.#child.pid as number)
    running.delete(this)
  }

  async #told(line: string): Promise<void> {
    const deadlineMs = performance.now() + 120_000
    while (!this.#lines.includes(line)) {
      if (this.#child.exitCode !== null || performance.now() > deadlineMs)
        throw new Error(`the Java application did not say ${line}:\n${this.#lines.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
