import type { RedisConnection } from '../../redis/redis-connection.ts'
import type { InputParts } from '../input.ts'
import type { RedisReader } from './redis-input.ts'
import { storeValues } from './store-values.ts'

const valuesMax = 500
/** How often an empty list is looked at. */
const emptyWaitMs = 100
/** How often it is tried to become the reader. */
const turnWaitMs = 1000
/** Above the time that Kafka may take for what was read. */
const leaseMarginMs = 15_000

/** Becomes or stays the reader, and reads; null where somebody else is. */
const readScript = `
local reader = redis.call('GET', KEYS[2])
if reader and reader ~= ARGV[1] then return false end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return redis.call('LRANGE', KEYS[1], 0, ARGV[3])`

/** Removes what was read; 0 where somebody else has become the reader. */
const removeScript = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('LTRIM', KEYS[1], ARGV[2], -1)
return 1`

const leaveScript = `
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1`

/**
 * Reads a list from its left end. Values stay in the list until Kafka has them, and only one process reads it: the
 * key `{<list>}:reader` names it, for a limited time. Nobody else may remove values.
 */
export class ListReader implements RedisReader {
  readonly name = 'redis-list'
  readonly #key: string
  readonly #readerKey: string
  readonly #id: string
  readonly #parts: InputParts
  readonly #leaseMs: number

  constructor({ key, id }: { readonly key: string; readonly id: string }, parts: InputParts) {
    this.#key = key
    // In a cluster, both are to be in one slot.
    this.#readerKey = key.includes('{') ? `${key}:reader` : `{${key}}:reader`
    this.#id = id
    this.#parts = parts
    this.#leaseMs = parts.config.deliveryTimeoutMs + leaseMarginMs
  }

  async step(connection: RedisConnection): Promise<number> {
    const values = await this.#run(connection, readScript, this.#leaseMs, valuesMax - 1)
    if (!Array.isArray(values)) return turnWaitMs
    if (values.length === 0) return emptyWaitMs
    await storeValues(this.name, this.#parts, values as Buffer[], this.#key)
    const isRemoved = await this.#run(connection, removeScript, values.length)
    return isRemoved === 1 ? 0 : turnWaitMs
  }

  recover(): void {}

  async leave(connection: RedisConnection): Promise<void> {
    await this.#run(connection, leaveScript)
  }

  #run(connection: RedisConnection, script: string, ...args: number[]): Promise<unknown> {
    return connection.call(['EVAL', script, 2, this.#key, this.#readerKey, this.#id, ...args])
  }
}
