import { errorMessage } from '../../core/errors.ts'
import type { RedisConnection } from '../../redis/redis-connection.ts'
import { isBusyGroup } from '../../redis/redis-errors.ts'
import type { CollectorConfig } from '../collector-options.ts'
import type { InputParts } from '../input.ts'
import type { RedisReader } from './redis-input.ts'
import { storeValues } from './store-values.ts'

type StreamConfig = NonNullable<NonNullable<CollectorConfig['redis']>['stream']>

/** An entry as Redis answers it; null for one that was removed and is pending still. */
type Entry = readonly [id: Buffer, fields: readonly Buffer[] | null]

const entriesMax = 500
/** How long the server waits for a first entry: also the longest time that a drain waits for nothing. */
const blockMs = 1000
/** The field that the sink of millrace writes. */
const documentField = 'document'
const firstCursor = '0-0'

/**
 * Reads a stream as a consumer of a group. Entries are acknowledged when Kafka has them. After a failure, those that
 * this consumer has and has not acknowledged are read again; those of consumers that have died are taken over.
 */
export class StreamReader implements RedisReader {
  readonly name = 'redis-stream'
  readonly #config: StreamConfig
  readonly #parts: InputParts
  /** The group is known to exist. */
  #isPrepared = false
  /** There may be entries that this consumer has not acknowledged. */
  #isRecovering = true
  #cursor = firstCursor
  #claimAtMs = Number.NEGATIVE_INFINITY

  constructor(config: StreamConfig, parts: InputParts) {
    this.#config = config
    this.#parts = parts
  }

  async step(connection: RedisConnection): Promise<number> {
    try {
      await this.#prepare(connection)
      await this.#claim(connection)
      const entries = await this.#read(connection)
      await this.#take(connection, entries)
      if (this.#isRecovering && entries.length === 0) this.#isRecovering = false
    } catch (error) {
      // The server was emptied.
      if (/^(NOGROUP|UNBLOCKED)/.test(errorMessage(error))) this.#isPrepared = false
      throw error
    }
    return 0
  }

  recover(): void {
    this.#isRecovering = true
  }

  /** A consumer without entries would stay in the group. */
  async leave(connection: RedisConnection): Promise<void> {
    const { key, group, consumer } = this.#config
    const pending = await connection.call(['XPENDING', key, group, '-', '+', 1, consumer])
    if (Array.isArray(pending) && pending.length === 0)
      await connection.call(['XGROUP', 'DELCONSUMER', key, group, consumer])
  }

  async #prepare(connection: RedisConnection): Promise<void> {
    if (this.#isPrepared) return
    const { key, group } = this.#config
    const [reply] = await connection.run([['XGROUP', 'CREATE', key, group, '0', 'MKSTREAM']])
    if (reply?.error !== undefined && !isBusyGroup(reply.error)) throw reply.error
    this.#isPrepared = true
  }

  /** Takes over entries of others, in parts, and then rests. */
  async #claim(connection: RedisConnection): Promise<void> {
    const { clock } = this.#parts.config
    if (clock.monotonicMs() < this.#claimAtMs) return
    const { key, group, consumer, claimAfterMs } = this.#config
    const range = [claimAfterMs, this.#cursor, 'COUNT', entriesMax] as const
    const reply = await connection.call(['XAUTOCLAIM', key, group, consumer, ...range])
    const [cursor, entries, removed = []] = reply as [Buffer, (Entry | null)[], Buffer[] | undefined]
    // Redis 6.2 answers null for an entry that was removed, and newer ones forget it.
    const found = entries.filter((entry): entry is Entry => entry !== null)
    this.#countRemoved(entries.length - found.length + removed.length)
    await this.#take(connection, found)
    this.#cursor = cursor.toString()
    if (this.#cursor === firstCursor) this.#claimAtMs = clock.monotonicMs() + claimAfterMs / 2
  }

  async #read(connection: RedisConnection): Promise<readonly Entry[]> {
    const { key, group, consumer } = this.#config
    const from = this.#isRecovering ? '0' : '>'
    const bounds = ['COUNT', entriesMax, 'BLOCK', blockMs] as const
    const reply = await connection.call(['XREADGROUP', 'GROUP', group, consumer, ...bounds, 'STREAMS', key, from])
    const [stream] = (reply ?? []) as readonly (readonly [Buffer, readonly Entry[]])[]
    return stream?.[1] ?? []
  }

  async #take(connection: RedisConnection, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    const { key, group } = this.#config
    const values = entries.flatMap(([, fields]) => (fields === null ? [] : [valueOf(fields)]))
    const removed = entries.length - values.length
    await storeValues(this.name, this.#parts, values, key)
    this.#countRemoved(removed)
    await connection.call(['XACK', key, group, ...entries.map(([id]) => id)])
  }

  #countRemoved(entries: number): void {
    const { key } = this.#config
    if (entries === 0) return
    this.#parts.tally.refuse(this.name, 'removed', entries, `entries of ${key} were removed before they were stored`)
  }
}

/** The document of an entry as it is, or all its fields as JSON. */
function valueOf(fields: readonly Buffer[]): Uint8Array {
  const members: Record<string, string> = {}
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = (fields[at] as Buffer).toString()
    if (name === documentField) return fields[at + 1] as Buffer
    members[name] = (fields[at + 1] as Buffer).toString()
  }
  return Buffer.from(JSON.stringify(members))
}
