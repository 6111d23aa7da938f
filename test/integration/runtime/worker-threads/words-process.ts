import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { ApplicationStatus } from '../../../../src/runtime/application/application-status.ts'
import { builtProgram } from '../../../support/built.ts'

interface Answers {
  running: undefined
  status: ApplicationStatus
  log: readonly { readonly level: string; readonly message: string; readonly memberId?: string }[]
  errors: readonly { readonly thread: string; readonly code: string; readonly consequence: string }[]
  get: unknown
  all: readonly { readonly key: string; readonly value: number }[]
  query: undefined
  pause: undefined
  resume: undefined
  add: string
  remove: string
  /** What the application ended of; undefined: it was closed. */
  ended: { readonly code: string; readonly message: string } | undefined
  close: undefined
}

/** A process with an application of worker threads, which does what it is asked one by one. */
export class WordsProcess {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  #errors = ''

  constructor(topics: string, options: object, variables: Readonly<Record<string, string>> = {}) {
    const script = join(import.meta.dirname, 'words-process.mjs')
    const env = { ...process.env, NODE_OPTIONS: '', LIBRARY: builtProgram('src/index'), TOPICS: topics, ...variables }
    this.#child = spawn(process.execPath, ['--max-old-space-size=200', script, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env,
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors += String(chunk)
    })
    const lines: Interface = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    this.#lines = lines[Symbol.asyncIterator]()
  }

  /** Rejects with what the process says of it. */
  async ask<Name extends keyof Answers>(name: Name, ...args: readonly unknown[]): Promise<Answers[Name]> {
    this.#child.stdin?.write(`${JSON.stringify([name, ...args])}\n`)
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error(`the process ended: ${this.#errors}`)
    const answer = JSON.parse(value) as { value: Answers[Name]; error?: { code: string; message: string } }
    if (answer.error !== undefined) throw Object.assign(new Error(answer.error.message), { code: answer.error.code })
    return answer.value
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
