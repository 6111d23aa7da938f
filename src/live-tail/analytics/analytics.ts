import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin, KafkaDriver } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { endsOf, LineSource } from '../line-source.ts'
import type { Positions } from '../positions.ts'
import { TokenBucket } from '../token-bucket.ts'
import { AlertEpisodes } from './alert-episodes.ts'
import { type AnalyticsConfig, analyticsConfig, type AnalyticsOptions } from './analytics-options.ts'
import { numbersOf } from './numbers.ts'
import type { Numbers, NumbersQuery } from './numbers-shape.ts'
import { readRateReport } from './rate-report.ts'
import { RateWindows } from './rate-windows.ts'

/** What is read for dashboards, in numbers. */
export interface AnalyticsStatus {
  /** Records that were read since the start. */
  readonly recordsRead: number
  /** Records that are in the topics and were not read yet; 0 before the first answer of the brokers. */
  readonly lagRecords: number
  /** Records that are no reports and no alerts, and reports and alerts that left because there were too many. */
  readonly recordsDropped: { readonly unreadable: number; readonly bound: number }
}

interface World {
  readonly clock: Clock
  readonly logger: Logger
}

/** Answers are computed again after so long, or after this part of their range where that is longer. */
const freshMs = 1000
const freshPart = 3600
const answersMax = 32
/** A query of a day adds up some ten thousand reports. */
const answersPerSecondMax = 10

/** Numbers of the last hours for dashboards, read from topics outside of any group. */
export class Analytics {
  readonly #config: AnalyticsConfig
  readonly #world: World
  readonly #admin: Admin
  readonly #source: LineSource
  readonly #windows: RateWindows
  readonly #alerts: AlertEpisodes
  /** By query, the latest at the end. */
  readonly #answers = new Map<string, { readonly atMs: number; readonly json: string }>()
  readonly #pace: TokenBucket
  readonly #reading: Promise<void>
  #recordsRead = 0
  #unreadable = 0
  /** Why it reads no longer; undefined: it reads. */
  #failure: string | undefined
  #hasWarnedOfBound = false
  #hasWarnedOfUnreadable = false

  /** `kafka` is used until `close`, which leaves it open. Rejects with LIVE_TAIL_TOPIC and ILLEGAL_ARGUMENT. */
  static async start(kafka: KafkaDriver, options: AnalyticsOptions, world: World): Promise<Analytics> {
    const config = analyticsConfig(options)
    const admin = kafka.admin()
    try {
      return new Analytics(kafka, admin, { config, world, start: await startOf(admin, config, world.clock) })
    } catch (error) {
      await admin.close()
      throw error
    }
  }

  private constructor(
    kafka: KafkaDriver,
    admin: Admin,
    { config, world, start }: { readonly config: AnalyticsConfig; readonly world: World; readonly start: Positions },
  ) {
    this.#config = config
    this.#world = world
    this.#admin = admin
    this.#windows = new RateWindows(config, world.clock.nowMs())
    this.#alerts = new AlertEpisodes(config.alertsMax)
    this.#pace = new TokenBucket(answersPerSecondMax, world.clock.monotonicMs())
    this.#source = new LineSource(kafka, admin, { start, topics: topicsOf(config), ...world })
    this.#reading = this.#source
      .read((batch) => this.#take(batch))
      .catch((error: unknown) => {
        this.#failure = errorMessage(error)
        world.logger.error({ error: this.#failure }, 'numbers for dashboards are not read any longer')
      })
  }

  /** Why there are no new numbers any longer; undefined: all is well. */
  get failure(): string | undefined {
    return this.#failure
  }

  /**
   * The answer to a query as JSON; undefined: too many others are asked for. The same query within a second, or a bit more
   * for a long range, has the same answer.
   */
  answer(query: NumbersQuery): string | undefined {
    const nowMs = this.#world.clock.monotonicMs()
    const key = JSON.stringify(query)
    const known = this.#answers.get(key)
    const reuseMs = Math.max(freshMs, (query.toMs - query.fromMs) / freshPart)
    if (known !== undefined && nowMs - known.atMs < reuseMs) return known.json
    this.#pace.fill(nowMs)
    if (this.#pace.isEmpty) return undefined
    this.#pace.take()
    const episodes = this.#config.alertsTopic === undefined ? undefined : this.#alerts.all()
    const json = JSON.stringify(numbersOf(this.#windows, episodes, query) satisfies Numbers)
    this.#answers.delete(key)
    this.#answers.set(key, { atMs: nowMs, json })
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > answersMax && oldest !== undefined) this.#answers.delete(oldest)
    return json
  }

  status(): AnalyticsStatus {
    return {
      recordsRead: this.#recordsRead,
      lagRecords: this.#source.lagRecords,
      recordsDropped: { unreadable: this.#unreadable, bound: this.#bound },
    }
  }

  async close(): Promise<void> {
    this.#source.close()
    await this.#reading
    await this.#admin.close()
  }

  get #bound(): number {
    return this.#windows.dropped + this.#alerts.dropped
  }

  #take(batch: RecordBatch): void {
    const nowMs = this.#world.clock.nowMs()
    const { topic } = batch
    for (let index = 0; index < batch.count; index++) {
      const value = batch.value(index)
      if (value === null) continue
      this.#recordsRead++
      if (!this.#takeValue(topic, value, nowMs)) this.#unread(batch, index)
    }
    if (this.#bound === 0 || this.#hasWarnedOfBound) return
    this.#hasWarnedOfBound = true
    const { reportsMax, alertsMax } = this.#config
    this.#world.logger.warn({ reportsMax, alertsMax }, 'numbers for dashboards reach less far back: raise the limit')
  }

  #takeValue(topic: string, value: Uint8Array, nowMs: number): boolean {
    if (topic !== this.#config.ratesTopic) return this.#alerts.add(value)
    const report = readRateReport(value)
    return report !== undefined && this.#windows.add(report, nowMs)
  }

  #unread(batch: RecordBatch, index: number): void {
    this.#unreadable++
    if (this.#hasWarnedOfUnreadable) return
    this.#hasWarnedOfUnreadable = true
    const place = { topic: batch.topic, partition: batch.partition, offset: batch.offset(index) }
    this.#world.logger.warn(
      place,
      'a record is no report of the last hours and no alert: it is left out of the numbers, as others will be',
    )
  }
}

function topicsOf({ ratesTopic, alertsTopic }: AnalyticsConfig): readonly string[] {
  return alertsTopic === undefined ? [ratesTopic] : [ratesTopic, alertsTopic]
}

/** Reports of the range, and all alerts: one that has fired for days is open too. */
async function startOf(admin: Admin, config: AnalyticsConfig, clock: Clock): Promise<Positions> {
  const positions = await endsOf(admin, topicsOf(config))
  const timestampMs = clock.nowMs() - config.rangeMs
  const places = positions.partitions().map(({ topic, partition }) => {
    return { topic, partition, at: topic === config.ratesTopic ? { timestampMs } : ('earliest' as const) }
  })
  for (const { topic, partition, offset } of await admin.listOffsets(places, 'read_committed'))
    positions.set(topic, partition, offset)
  return positions
}
