import { Backoff } from '../../core/backoff.ts'
import { errorMessage } from '../../core/errors.ts'
import { Trouble } from '../../core/trouble.ts'
import { RedisConnection } from '../../redis/redis-connection.ts'
import { type RedisConfig, redisPlace } from '../../redis/redis-options.ts'
import type { Input, InputParts } from '../input.ts'
import type { InputName } from '../tally.ts'

/** Reads one key of Redis. */
export interface RedisReader {
  readonly name: InputName
  /** Reads, stores and acknowledges once. Resolves with how long to wait before the next time, in milliseconds. */
  step(connection: RedisConnection): Promise<number>
  /** A step has failed, here or in Kafka: what was read and not acknowledged has to be read again. */
  recover(): void
  /** Gives up what others could take over sooner. */
  leave(connection: RedisConnection): Promise<void>
}

/** Above the longest time that a command waits at the server. */
const answerTimeoutMs = 15_000
const retry = Object.freeze({ initialMs: 100, maxMs: 5000 })
const roomWaitMs = 200

/** Steps of a reader, one after the other, on a connection of its own, until it is closed. Whatever fails is tried again. */
export class RedisInput implements Input {
  readonly port = undefined
  readonly #reader: RedisReader
  readonly #parts: InputParts
  readonly #place: RedisConfig
  readonly #trouble: Trouble
  readonly #running: Promise<void>
  #connection: RedisConnection | undefined
  #isClosing = false
  #wake: (() => void) | undefined

  constructor(reader: RedisReader, place: RedisConfig, parts: InputParts) {
    this.#reader = reader
    this.#parts = parts
    this.#place = place
    const { clock, logger } = parts.config
    const from = { input: reader.name, redis: redisPlace(place) }
    this.#trouble = new Trouble(
      clock,
      ({ error }) => logger.warn({ ...from, error: errorMessage(error) }, 'an input cannot be read'),
      (forMs) => logger.info({ ...from, forMs }, 'an input can be read again'),
    )
    this.#running = this.#run()
  }

  get connections(): number {
    return this.#connection?.isReady === true ? 1 : 0
  }

  /** The step that runs is completed: what it has stored is acknowledged. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true
    this.#wake?.()
    const timer = this.#parts.config.clock.setTimer(timeoutMs, () => this.#connection?.close())
    await this.#running
    timer.cancel()
  }

  async #run(): Promise<void> {
    const backoff = new Backoff(retry)
    while (!this.#isClosing) {
      try {
        this.#connection ??= await this.#open()
        const waitMs = this.#parts.intake.isFull ? roomWaitMs : await this.#reader.step(this.#connection)
        this.#trouble.worked()
        backoff.reset()
        if (waitMs > 0) await this.#pause(waitMs)
      } catch (error) {
        if (this.#isClosing) break
        this.#reader.recover()
        this.#trouble.failed(error)
        await this.#pause(backoff.nextMs())
      }
    }
    if (this.#connection !== undefined) await this.#reader.leave(this.#connection).catch(() => {})
    this.#connection?.close()
  }

  async #open(): Promise<RedisConnection> {
    const abort = new AbortController()
    const timer = this.#parts.config.clock.setTimer(answerTimeoutMs, () => abort.abort())
    try {
      return await RedisConnection.open(this.#place, { answerTimeoutMs, signal: abort.signal })
    } finally {
      timer.cancel()
    }
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#isClosing) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#parts.config.clock.setTimer(delayMs, resolve)
      this.#wake = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}
