import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder, guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'
import { freePorts, signal, stopServer } from '../../scripts/lab/processes.mjs'
import { startRedisProcess } from '../../scripts/redis/server.mjs'
import { RedisConnection } from '../../src/redis/redis-connection.ts'
import { redisConfig } from '../../src/redis/redis-options.ts'

/** A real Redis that keeps what it has acknowledged: it starts in a tenth of a second, so each suite has its own. */
export class RedisServer {
  readonly #port: number
  readonly #folder: string
  readonly #args: readonly string[]
  #pid: number | undefined
  #client: RedisConnection | undefined

  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const [port = 0] = await freePorts(1)
    const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-'))
    guardFolder(folder)
    const server = new RedisServer(port, folder, args)
    await server.restart()
    return server
  }

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.#port = port
    this.#folder = folder
    this.#args = args
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  /** SIGKILL: it is gone without a word. */
  async kill(): Promise<void> {
    this.#client?.close()
    this.#client = undefined
    const pid = this.#pid
    if (pid === undefined) return
    this.#pid = undefined
    signal(pid, 'SIGKILL')
    await stopServer(pid)
    releaseProcess(pid)
  }

  /** Starts it on what it has kept, if it does not run. */
  async restart(): Promise<void> {
    if (this.#pid !== undefined) return
    this.#pid = await startRedisProcess({
      port: this.#port,
      folder: this.#folder,
      args: this.#args,
      started: guardProcess,
    })
  }

  /** SIGSTOP: it takes connections and answers nothing. */
  pause(): void {
    if (this.#pid !== undefined) signal(this.#pid, 'SIGSTOP')
  }

  resume(): void {
    if (this.#pid !== undefined) signal(this.#pid, 'SIGCONT')
  }

  /** Sends a command; texts in the answer are texts. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    this.#client ??= await RedisConnection.open(
      redisConfig({ url: this.url }, () => {}),
      { answerTimeoutMs: 10_000, signal: AbortSignal.timeout(10_000) },
    )
    return asText(await this.#client.call([name, ...args]))
  }

  /** The entries of a stream, each with its fields. */
  async entries(key: string): Promise<Readonly<Record<string, string>>[]> {
    const rows = (await this.command('XRANGE', key, '-', '+')) as [string, string[]][]
    return rows.map(([, fields]) =>
      Object.fromEntries(fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []))),
    )
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText)
  return Buffer.isBuffer(value) ? value.toString() : value
}
