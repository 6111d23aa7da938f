import { MillraceError } from '../../core/errors.ts'
import type { Admin, KafkaDriver } from '../../kafka/port.ts'
import { openTopicWriter } from '../../runtime/task/topic-writer.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/primitives.ts'
import { wholeTopic } from '../records/record-ranges.ts'
import { RecordReader } from '../records/record-reader.ts'

/** What became of a letter. */
export interface LetterEntry {
  readonly id: string
  /** Of the dead-letter topic: in a topic that was created again, the id names another letter. */
  readonly topicId: string
  /** `replayed`: sent again; a new letter tells if it failed again. `resolved`: somebody said that it is done. */
  readonly state: 'replayed' | 'resolved'
  readonly atMs: number
  readonly user: string
  /** The number of the attempt that it was sent as. */
  readonly attempts?: number
  /** Where it was sent. */
  readonly target?: { readonly topic: string; readonly partition: number; readonly offset: number }
  readonly reason?: string
}

const silenceMs = 5000
const timeoutMs = 30_000

/**
 * What became of the letters of one topic, in a second, compacted topic, `<topic>-resolved`. The letters themselves
 * stay where they are.
 */
export class LetterLedger {
  readonly #kafka: KafkaDriver
  readonly #topic: string
  readonly #topicId: string
  readonly #entries = new Map<string, LetterEntry>()
  /** By the place that a letter was sent to. */
  readonly #attempts = new Map<string, number>()

  private constructor(kafka: KafkaDriver, letterTopic: string, topicId: string) {
    this.#kafka = kafka
    this.#topic = `${letterTopic}-resolved`
    this.#topicId = topicId
  }

  /** Reads what is recorded. Rejects with UNKNOWN_TOPIC when there is no such topic of letters. */
  static async open(kafka: KafkaDriver, letterTopic: string): Promise<LetterLedger> {
    const admin = kafka.admin()
    const [described] = await admin.describeTopics([letterTopic])
    if (described === undefined) {
      const text = `dead-letter topic ${letterTopic} does not exist: name it with --topic or DEAD_LETTER_TOPIC`
      throw new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
    }
    const ledger = new LetterLedger(kafka, letterTopic, described.topicId)
    await ledger.#read(admin)
    return ledger
  }

  /** undefined: nothing was done about it. */
  entry(id: string): LetterEntry | undefined {
    return this.#entries.get(id)
  }

  /** The number of the attempt that sent a record to this place; 0: nobody did. */
  attemptsAt(source: LetterEntry['target']): number {
    return source === undefined ? 0 : (this.#attempts.get(placeKey(source)) ?? 0)
  }

  /** Opens the ledger for entries, and creates its topic where it does not exist. The caller closes it. */
  async writer(): Promise<{
    write(entry: Omit<LetterEntry, 'topicId'>): Promise<void>
    close(): Promise<void>
  }> {
    const configs = { 'cleanup.policy': 'compact' }
    const topics = [{ name: this.#topic, partitions: 1, replicationFactor: -1, configs }]
    await this.#kafka.admin().createTopics(topics, timeoutMs)
    const writer = await openTopicWriter(this.#kafka, this.#topic, { key: string(), value: json<LetterEntry>() })
    return {
      write: async (entry) => {
        const full = { ...entry, topicId: this.#topicId }
        await writer.write(entry.id, full)
        this.#add(full)
      },
      close: () => writer.close(),
    }
  }

  /** Reads the whole topic: it is compacted, with one entry for each letter that something was done about. */
  async #read(admin: Admin): Promise<void> {
    const reader = new RecordReader(this.#kafka, await wholeTopic(admin, this.#topic))
    try {
      for await (const batch of reader.batches(silenceMs)) {
        for (let index = 0; index < batch.count; index++) {
          const value = batch.value(index)
          if (value !== null) this.#add(JSON.parse(Buffer.from(value).toString()) as LetterEntry)
        }
      }
    } finally {
      await reader.close()
    }
  }

  /** The last entry of a letter counts; entries about a former topic of the same name are ignored. */
  #add(entry: LetterEntry): void {
    if (entry.topicId !== this.#topicId) return
    this.#entries.set(entry.id, entry)
    if (entry.target !== undefined) this.#attempts.set(placeKey(entry.target), entry.attempts ?? 0)
  }
}

function placeKey({ topic, partition, offset }: NonNullable<LetterEntry['target']>): string {
  return `${topic}-${partition}@${offset}`
}
