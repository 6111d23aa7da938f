import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin, KafkaDriver } from '../../kafka/port.ts'
import { moveTo } from '../history.ts'
import { endsOf, LineSource } from '../line-source.ts'
import { type ExecutionList, ExecutionRing } from './execution-ring.ts'

/** Executions that changed before are not read at the start. */
const pastMs = 21_600_000
const limits = { executionsMax: 2000, bytesMax: 32 * 1024 * 1024 } as const

export interface ExecutionsOptions {
  readonly topic: string
  readonly clock: Clock
  readonly logger: Logger
}

/** The executions of a topic, as they change: of the last six hours, and from then on. */
export class Executions {
  /** Resolves when it is closed; rejects when the topic cannot be read any longer. */
  readonly ended: Promise<void>
  readonly #ring = new ExecutionRing(limits)
  readonly #source: LineSource
  readonly #admin: Admin

  /** Rejects with LIVE_TAIL_TOPIC where the topic does not exist. */
  static async open(kafka: KafkaDriver, options: ExecutionsOptions): Promise<Executions> {
    const { topic, clock, logger } = options
    const admin = kafka.admin()
    try {
      const start = await endsOf(admin, [topic])
      await moveTo({ timestampMs: clock.nowMs() - pastMs }, start, admin)
      const source = new LineSource(kafka, admin, { start, topics: [topic], clock, logger })
      return new Executions(source, admin)
    } catch (error) {
      await admin.close()
      throw error
    }
  }

  private constructor(source: LineSource, admin: Admin) {
    this.#source = source
    this.#admin = admin
    this.ended = source.read((batch) => this.#ring.take(batch))
    // Whoever opened it hears of it by `ended`; nobody may wait for it yet.
    this.ended.catch(() => {})
  }

  list(after: number, limit: number): ExecutionList & { readonly lagRecords: number } {
    return { ...this.#ring.list(after, limit), lagRecords: this.#source.lagRecords }
  }

  find(key: string): unknown {
    return this.#ring.find(key)
  }

  async close(): Promise<void> {
    this.#source.close()
    await this.ended.catch(() => {})
    await this.#admin.close()
  }
}
