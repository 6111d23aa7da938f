import { systemClock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import { ControlLog } from '../../replay/control-log.ts'
import { LetterLock } from './letter-lock.ts'

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

/**
 * What became of the letters of one topic, in a second, compacted topic, `<topic>-resolved`. The letters themselves
 * stay where they are.
 */
export class LetterLedger {
  readonly #log: ControlLog
  readonly #topicId: string
  /** By the place that a letter was sent to. */
  readonly #attempts = new Map<string, number>()

  private constructor(log: ControlLog, topicId: string) {
    this.#log = log
    this.#topicId = topicId
    for (const entry of log.under<LetterEntry>('').values()) this.#note(entry)
  }

  /** Opens the ledger for the time of `run`. Rejects with UNKNOWN_TOPIC when there is no such topic of letters. */
  static async using<Result>(
    kafka: KafkaDriver,
    letterTopic: string,
    run: (ledger: LetterLedger) => Promise<Result>,
  ): Promise<Result> {
    const [described] = await kafka.admin().describeTopics([letterTopic])
    if (described === undefined) {
      const text = `dead-letter topic ${letterTopic} does not exist: name it with --topic or DEAD_LETTER_TOPIC`
      throw new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
    }
    const log = await ControlLog.open(kafka, `${letterTopic}-resolved`, systemClock)
    try {
      return await run(new LetterLedger(log, described.topicId))
    } finally {
      await log.close()
    }
  }

  /** undefined: nothing was done about it. In a topic that was created again, the id names another letter. */
  entry(id: string): LetterEntry | undefined {
    const entry = this.#log.get<LetterEntry>(id)
    return entry?.topicId === this.#topicId ? entry : undefined
  }

  /** The number of the attempt that sent a record to this place; 0: nobody did. */
  attemptsAt(source: LetterEntry['target']): number {
    return source === undefined ? 0 : (this.#attempts.get(placeKey(source)) ?? 0)
  }

  /** Resolves when the cluster has the entry. The first one creates the topic. */
  async write(entry: Omit<LetterEntry, 'topicId'>): Promise<void> {
    const full = { ...entry, topicId: this.#topicId }
    await this.#log.put(entry.id, full)
    this.#note(full)
  }

  /** Only one process sends letters. Rejects with LETTERS_LOCKED. What others have sent before is read then. */
  async lock(user: string): Promise<LetterLock> {
    const lock = await LetterLock.acquire(this.#log, systemClock, user)
    for (const entry of this.#log.under<LetterEntry>('').values()) this.#note(entry)
    return lock
  }

  /** Rows of a lock have no target. */
  #note({ topicId, target, attempts = 0 }: LetterEntry): void {
    if (topicId === this.#topicId && target !== undefined) this.#attempts.set(placeKey(target), attempts)
  }
}

function placeKey({ topic, partition, offset }: NonNullable<LetterEntry['target']>): string {
  return `${topic}-${partition}@${offset}`
}
