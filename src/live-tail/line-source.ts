import type { Clock, Timer } from '../core/clock.ts'
import { Turns } from '../core/event-loop.ts'
import { errorMessage, MillraceError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { loneConsumer } from '../kafka/lone-consumer.ts'
import type { Admin, Consumer, KafkaDriver } from '../kafka/port.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import { Positions } from './positions.ts'

const pollMs = 500
const lookForPartitionsMs = 60_000

/** The ends of topics, as a tail begins there. Rejects with LIVE_TAIL_TOPIC where one does not exist. */
export async function endsOf(admin: Admin, topics: readonly string[]): Promise<Positions> {
  const described = await admin.describeTopics(topics)
  const missing = topics.filter((topic) => described.every(({ name }) => name !== topic))
  if (missing.length > 0) {
    const text = `topic ${missing.join(', ')} of the live tail does not exist: create it, or name another one`
    throw new MillraceError('LIVE_TAIL_TOPIC', 'fatal', text)
  }
  const partitions = described.flatMap(({ name, partitions: list }) =>
    list.map(({ partition }) => ({ topic: name, partition, at: 'latest' as const })),
  )
  const positions = new Positions(new Map(topics.map((topic) => [topic, []])))
  for (const { topic, partition, offset } of await admin.listOffsets(partitions, 'read_committed'))
    positions.set(topic, partition, offset)
  return positions
}

interface LineSourceOptions {
  readonly start: Positions
  readonly topics: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  /** How often it looks for new partitions. Default: each minute. */
  readonly lookMs?: number
}

/** Reads topics from a place on, outside of any group, for as long as it is open. */
export class LineSource {
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #topics: readonly string[]
  readonly #known: Positions
  readonly #lookMs: number
  #timer: Timer | undefined
  #isOpen = true

  constructor(
    kafka: KafkaDriver,
    admin: Admin,
    { start, topics, clock, logger, lookMs = lookForPartitionsMs }: LineSourceOptions,
  ) {
    this.#consumer = loneConsumer(kafka)
    this.#admin = admin
    this.#clock = clock
    this.#logger = logger
    this.#topics = topics
    this.#known = start.copy()
    this.#lookMs = lookMs
    this.#consumer.assign(start.partitions())
    this.#lookLater()
  }

  /** Gives batches until it is closed. Rejects where a retry cannot help. */
  async read(take: (batch: RecordBatch) => void): Promise<void> {
    const turns = new Turns(this.#clock)
    try {
      while (this.#isOpen) {
        for (const batch of await this.#consumer.poll(pollMs)) {
          take(batch)
          // Connections have their turn in between.
          await turns.next()
        }
      }
    } finally {
      this.close()
      await this.#consumer.close()
    }
  }

  /** Records that are not read yet, where the brokers have told. */
  get lagRecords(): number {
    return this.#consumer.assignment().reduce((sum, partition) => {
      const [end, position] = [this.#consumer.endOffset(partition), this.#consumer.position(partition)]
      return end === undefined || position === undefined ? sum : sum + Math.max(0, end - position)
    }, 0)
  }

  /** Whether all of these topics is read that the brokers have told of; false for a topic that is not there. */
  hasAll(topics: readonly string[]): boolean {
    const assigned = this.#consumer.assignment()
    const isRead = (one: (typeof assigned)[number]): boolean => {
      const [end, position] = [this.#consumer.endOffset(one), this.#consumer.position(one)]
      return end !== undefined && position !== undefined && position >= end
    }
    return assigned.every(isRead) && topics.every((name) => assigned.some(({ topic }) => topic === name))
  }

  close(): void {
    this.#isOpen = false
    this.#timer?.cancel()
    this.#consumer.wakeup()
  }

  #lookLater(): void {
    this.#timer = this.#clock.setTimer(this.#lookMs, () => void this.#addPartitions())
  }

  /** A topic may get more partitions: all of their records are new. */
  async #addPartitions(): Promise<void> {
    try {
      const described = await this.#admin.describeTopics(this.#topics)
      const known = new Set(this.#known.partitions().map(({ topic, partition }) => `${topic}/${partition}`))
      const added = described.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ partition }) => !known.has(`${name}/${partition}`))
          .map(({ partition }) => ({ topic: name, partition, offset: 0 })),
      )
      if (added.length === 0 || !this.#isOpen) return
      for (const { topic, partition, offset } of added) this.#known.set(topic, partition, offset)
      this.#consumer.assign(added)
      this.#logger.info({ partitions: added.length }, 'the live tail reads new partitions')
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'the live tail cannot look for new partitions, and tries again')
    } finally {
      if (this.#isOpen) this.#lookLater()
    }
  }
}
