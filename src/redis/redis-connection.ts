import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import { waitAfter } from '../core/backoff.ts'
import { errorMessage } from '../core/errors.ts'
import type { RedisConfig } from './redis-options.ts'

/** A command with its arguments, such as `['XLEN', 'logs:errors']`. */
export type RedisCommand = readonly [name: string, ...args: (string | Buffer | number)[]]

/** The answer to a command: a value, with bytes as buffers, or what went wrong. */
export interface RedisReply {
  readonly value: unknown
  readonly error: Error | undefined
}

export interface RedisOpenOptions {
  /** From the first byte of a command to that of its answer; also for connecting. */
  readonly answerTimeoutMs: number
  /** Called whenever the connection is there, the first time and after it was lost. */
  readonly onReady?: () => void
  /** Ends the connecting. */
  readonly signal: AbortSignal
}

const reconnect = Object.freeze({ initialMs: 50, maxMs: 2000 })
const connectTimeoutMsMax = 10_000

/**
 * A client of a server or a cluster. It connects again by itself, and repeats no command: what was in flight when the
 * connection ended has an error, and what is sent while there is no connection has one at once. Commands of a call go
 * out together.
 */
export class RedisConnection {
  readonly #client: Redis | Cluster
  #lastError: unknown

  private constructor(client: Redis | Cluster) {
    this.#client = client
    // What a client tells nobody ends the process.
    for (const event of ['error', 'node error'])
      client.on(event, (error: unknown) => {
        this.#lastError = error
      })
  }

  /** Resolves when the server answers; rejects with the error of the client when it does not. */
  static async open(config: RedisConfig, options: RedisOpenOptions): Promise<RedisConnection> {
    const { answerTimeoutMs, onReady, signal } = options
    // Only a process that uses Redis loads its client.
    const { Cluster, Redis } = await import('ioredis')
    const { addresses, isCluster, tls, database: db } = config
    const common = clientOptions(config, answerTimeoutMs)
    const [first] = addresses
    // Whoever opens it decides when it is tried again; once it was there, it comes back by itself.
    let wasReady = false
    const retryStrategy = (times: number): number | null => (wasReady ? waitAfter(times, reconnect) : null)
    const client = isCluster
      ? new Cluster([...addresses], {
          redisOptions: common,
          ...clusterRules(tls !== undefined),
          clusterRetryStrategy: retryStrategy,
        })
      : new Redis({ ...common, ...first, db, retryStrategy, enableOfflineQueue: false, lazyConnect: true })
    const connection = new RedisConnection(client)
    if (onReady !== undefined) for (const event of ['ready', '+node']) client.on(event, onReady)
    try {
      await unlessAborted(client.connect(), signal)
      wasReady = true
    } catch (error) {
      connection.close()
      throw connection.#lastError ?? error
    }
    return connection
  }

  /** Whether commands would be sent. */
  get isReady(): boolean {
    return this.#client.status === 'ready'
  }

  /** Sends commands whose keys are in one slot, and resolves with their answers, in order; never rejects. */
  async run(commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    const pipeline = this.#client.pipeline()
    for (const [name, ...args] of commands) pipeline.callBuffer(name, ...args)
    try {
      const replies = (await pipeline.exec()) ?? []
      return commands.map((_, index) => this.#reply(replies[index]))
    } catch (error) {
      return commands.map(() => ({ value: undefined, error: asError(error) }))
    }
  }

  /** As `run`, for one command. Rejects with its error. */
  async call(command: RedisCommand): Promise<unknown> {
    const [reply] = await this.run([command])
    if (reply?.error !== undefined) throw reply.error
    return reply?.value
  }

  /** At once: commands in flight are of no interest any more. */
  close(): void {
    if (this.#client.status !== 'end') this.#client.disconnect()
  }

  #reply(reply: readonly [Error | null, unknown] | undefined): RedisReply {
    if (reply === undefined) return { value: undefined, error: new Error('Redis gave no answer') }
    const [error, value] = reply
    if (error === null) return { value, error: undefined }
    return { value: undefined, error: this.#told(error) }
  }

  /** The client says of a lost connection how often it tried; the reason is in what it said before. */
  #told(error: Error): Error {
    if (error.name === 'ReplyError') return error
    const reason = this.#lastError === undefined ? error.message : errorMessage(this.#lastError)
    return new Error(this.isReady ? error.message : `the connection to Redis is lost: ${reason}`)
  }
}

/** The client may wait without end, as for a cluster that has no slots. */
async function unlessAborted(connecting: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    const give = (): void => reject(new Error('Redis gave no answer in time'))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
  await Promise.race([connecting, aborted])
}

function clientOptions(
  { username, password, tls }: RedisConfig,
  answerTimeoutMs: number,
): Pick<
  RedisOptions,
  | 'protocol'
  | 'disableClientInfo'
  | 'connectTimeout'
  | 'socketTimeout'
  | 'maxRetriesPerRequest'
  | 'autoResendUnfulfilledCommands'
  | 'username'
  | 'password'
  | 'tls'
> {
  return {
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: Math.min(connectTimeoutMsMax, answerTimeoutMs),
    // A server that hangs is left with what was sent to it.
    socketTimeout: answerTimeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
  }
}

function clusterRules(isTls: boolean): Omit<ClusterOptions, 'redisOptions'> {
  return {
    enableOfflineQueue: false,
    lazyConnect: true,
    slotsRefreshTimeout: connectTimeoutMsMax,
    // A certificate is for a name: nodes are reached by the one that the cluster gives them.
    ...(isTls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(errorMessage(error))
}
