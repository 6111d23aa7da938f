import { MillraceError, errorMessage } from '../../core/errors.ts'
import type { Timer } from '../../core/clock.ts'
import { RedisConnection, type RedisCommand, type RedisReply } from '../../redis/redis-connection.ts'
import { isBusyGroup, redisVerdict, type RedisVerdict } from '../../redis/redis-errors.ts'
import { redisPlace } from '../../redis/redis-options.ts'
import type { BatchTarget, SinkFailure, WriteResult } from '../batch-target.ts'
import { allWritten } from '../write-results.ts'
import { RedisBatch } from './redis-batch.ts'
import type { RedisSinkConfig, RedisStreamConfig } from './redis-options.ts'

/** Entries grow old also where nothing is written, and a server that was emptied has no groups any more. */
const upkeepMsMax = 60_000
const upkeepMsMin = 1000

/** What became of the documents for one stream. */
interface StreamOutcome {
  /** Positions that were not written, each with its error. */
  readonly failed: ReadonlyMap<number, Error>
}

/**
 * Streams of a Redis server or cluster. A batch is a pipeline per stream: `XADD` for each document, then `XTRIM` by
 * length and by age. Groups are created when the connection is there, before the first entry. A document that some of
 * its streams have is sent again to the others only.
 *
 * | an entry | then |
 * |---|---|
 * | written | the document leaves when all its streams have it |
 * | not sent, no answer, `OOM`, `LOADING`, a replica and the like | it is sent again after the backoff |
 * | no permission, another type of key | the same, and the sink is paused |
 * | refused otherwise | the document is rejected |
 */
export class RedisTarget implements BatchTarget<RedisBatch> {
  readonly #config: RedisSinkConfig
  #connection: RedisConnection | undefined
  /** Of this connection; streams whose groups are not known to exist are not in it. */
  readonly #prepared = new Set<RedisStreamConfig>()
  #upkeep: Timer | undefined

  constructor(config: RedisSinkConfig) {
    this.#config = config
  }

  async open(signal: AbortSignal): Promise<void> {
    const { connection: place, requestTimeoutMs } = this.#config
    try {
      const connection = await RedisConnection.open(place, {
        answerTimeoutMs: requestTimeoutMs,
        onReady: () => this.#prepared.clear(),
        signal,
      })
      this.#connection = connection
      for (const stream of this.#config.streams) await this.#prepare(connection, stream)
    } catch (error) {
      this.#connection?.close()
      this.#connection = undefined
      throw this.#openFailure(error)
    }
    this.#keepUp()
  }

  newBatch(): RedisBatch {
    return new RedisBatch(this.#config)
  }

  async write(batch: RedisBatch): Promise<WriteResult<RedisBatch>> {
    const connection = this.#connection
    if (!connection) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${this.#config.name} is not open`)
    const { streams } = this.#config
    const outcomes = await Promise.all(streams.map((stream, index) => this.#append(connection, stream, batch, index)))
    if (outcomes.every(({ failed }) => failed.size === 0)) return allWritten
    return this.#resultOf(batch, outcomes)
  }

  async close(): Promise<void> {
    this.#upkeep?.cancel()
    this.#connection?.close()
    this.#connection = undefined
  }

  async #append(
    connection: RedisConnection,
    stream: RedisStreamConfig,
    batch: RedisBatch,
    index: number,
  ): Promise<StreamOutcome> {
    const positions = batch.positionsOf(index)
    if (positions.length === 0) return { failed: new Map() }
    try {
      await this.#prepare(connection, stream)
    } catch (error) {
      return { failed: new Map(positions.map((position) => [position, error as Error])) }
    }
    const commands = positions.map((position): RedisCommand => {
      const [id, document] = batch.entryAt(position)
      return ['XADD', stream.key, '*', 'id', id, 'document', document]
    })
    const replies = await connection.run([...commands, ...this.#trims(stream)])
    return { failed: failedOf(positions, replies) }
  }

  /** Groups that exist stay as they are. Rejects with the server's error. */
  async #prepare(connection: RedisConnection, stream: RedisStreamConfig): Promise<void> {
    if (this.#prepared.has(stream)) return
    const { key, groups } = stream
    if (groups.length > 0) {
      const replies = await connection.run(groups.map((group) => ['XGROUP', 'CREATE', key, group, '0', 'MKSTREAM']))
      for (const { error } of replies) if (error !== undefined && !isBusyGroup(error)) throw error
    }
    this.#prepared.add(stream)
  }

  #trims({ key, entriesMax, ageMsMax }: RedisStreamConfig): readonly RedisCommand[] {
    const byLength: RedisCommand = ['XTRIM', key, 'MAXLEN', '=', entriesMax]
    if (ageMsMax === undefined) return [byLength]
    return [byLength, ['XTRIM', key, 'MINID', '=', String(Math.max(0, this.#config.clock.nowMs() - ageMsMax))]]
  }

  /** Next time, later. What fails here fails with the next batch too, which tells it. */
  #keepUp(): void {
    const { clock, streams } = this.#config
    const ages = streams.map(({ ageMsMax }) => (ageMsMax ?? upkeepMsMax * 2) / 2)
    const delayMs = Math.max(upkeepMsMin, Math.min(upkeepMsMax, ...ages))
    this.#upkeep = clock.setTimer(delayMs, () => {
      const connection = this.#connection
      if (connection === undefined) return
      this.#prepared.clear()
      if (connection.isReady) {
        for (const stream of streams) {
          this.#prepare(connection, stream).catch(() => {})
          void connection.run(this.#trims(stream))
        }
      }
      this.#keepUp()
    })
  }

  /** Sorts the documents of which a stream has not got one. */
  #resultOf(batch: RedisBatch, outcomes: readonly StreamOutcome[]): WriteResult<RedisBatch> {
    const missing = new Map<number, number>()
    const refused = new Map<number, Error>()
    let failure: { readonly verdict: RedisVerdict; readonly error: Error } | undefined
    for (const [index, { failed }] of outcomes.entries()) {
      for (const [position, error] of failed) {
        const verdict = redisVerdict(error)
        if (verdict === 'refused') refused.set(position, error)
        missing.set(position, (missing.get(position) ?? 0) | (1 << index))
        if (failure === undefined || failure.verdict === 'refused') failure = { verdict, error }
      }
    }
    const missingAt = (position: number): number => missing.get(position) ?? 0
    const again = [...missing.keys()].filter((position) => !refused.has(position)).sort((left, right) => left - right)
    return {
      rejected: [...refused].map(([position, error]) => batch.rejection(position, 'DOCUMENT_REFUSED', error.message)),
      rejectedAgain: () => batch.pick([...refused.keys()], missingAt),
      retry: again.length === 0 ? [] : [batch.pick(again, missingAt)],
      before: again.length === 0 ? 'none' : 'backoff',
      ...(failure === undefined ? {} : { failure: this.#failure(failure.verdict, failure.error) }),
    }
  }

  #failure(verdict: RedisVerdict, error: unknown): SinkFailure {
    const { connection, name } = this.#config
    const reason = `${redisPlace(connection)}: ${errorMessage(error)}`
    switch (verdict) {
      case 'credentials':
        return { code: 'SINK_UNAUTHORIZED', reason: `sink ${name}: ${reason}: check the user`, needsPerson: true }
      case 'setup':
        return { code: 'SINK_MISCONFIGURED', reason: `sink ${name}: ${reason}: check the keys`, needsPerson: true }
      case 'unreachable':
        return { code: 'SINK_UNREACHABLE', reason }
      case 'no-answer':
        return { code: 'SINK_NO_ANSWER', reason }
      case 'busy':
      case 'refused':
        return { code: 'SINK_UNAVAILABLE', reason }
    }
  }

  /** An error of the client may hold the arguments of a command, and so a password: only its text is passed on. */
  #openFailure(error: unknown): MillraceError {
    const verdict = redisVerdict(error)
    const { reason } = this.#failure(verdict, error)
    if (verdict === 'credentials') return new MillraceError('SINK_UNAUTHORIZED', 'fatal', reason)
    if (verdict === 'setup' || verdict === 'refused') return new MillraceError('SINK_MISCONFIGURED', 'fatal', reason)
    const text = `sink ${this.#config.name} cannot use ${reason}: check the address and the server`
    return new MillraceError('SINK_UNREACHABLE', 'retriable', text)
  }
}

function failedOf(positions: readonly number[], replies: readonly RedisReply[]): ReadonlyMap<number, Error> {
  const failed = new Map<number, Error>()
  for (const [index, position] of positions.entries()) {
    const error = replies[index]?.error
    if (error !== undefined) failed.set(position, error)
  }
  return failed
}
