import { wholeTopic } from '../../src/kafka/record-ranges.ts'
import type { Admin, KafkaDriver } from '../../src/index.ts'
import { versionedName } from '../../src/replay/outputs.ts'
import { shadowIdOf } from '../../src/replay/plan.ts'
import { eachRecord } from './each-record.ts'
import { type CheckEvent, cleanTopic, countsTopic, eventsTopic } from './events.ts'
import { accountOf, type IdAccount, type IdsByKey } from './id-account.ts'
import { type Repeatable, repeatableOf } from './repeatable.ts'

export interface FoundAccounts {
  /** Events of the range, each under its id. */
  readonly events: IdAccount
  /** The events of each region and minute that begins in the range. */
  readonly windows: IdAccount
}

export interface CheckRange {
  readonly fromMs: number
  readonly toMs: number
}

/** Reads what the live application and the replay wrote, event by event. */
export class Accounts {
  readonly #kafka: KafkaDriver
  readonly #admin: Admin
  readonly #shadowId: string
  readonly #suffix: string

  constructor(kafka: KafkaDriver, admin: Admin, applicationId: string, replayId: string) {
    this.#kafka = kafka
    this.#admin = admin
    this.#shadowId = shadowIdOf(applicationId, replayId)
    this.#suffix = versionedName('', { applicationId, id: replayId })
  }

  /** Asked after a kill, while no process works on the replay. */
  repeatable(): Promise<Repeatable> {
    const between = `${this.#shadowId}-by-region-repartition`
    const topics = { clean: `${cleanTopic}${this.#suffix}`, between, events: eventsTopic }
    return repeatableOf(this.#kafka, this.#admin, this.#shadowId, topics)
  }

  async read(range: CheckRange, kills: readonly Repeatable[]): Promise<FoundAccounts> {
    const [written, counted] = [kills.map((kill) => kill.written), kills.map((kill) => kill.counted)]
    const [cleanReplay, countsReplay] = [`${cleanTopic}${this.#suffix}`, `${countsTopic}${this.#suffix}`]
    return {
      events: accountOf(await this.#events(cleanTopic, range), await this.#events(cleanReplay, range), written),
      windows: accountOf(await this.#windows(countsTopic, range), await this.#windows(countsReplay, range), counted),
    }
  }

  async #events(topic: string, range: CheckRange): Promise<IdsByKey> {
    const ids = new Map<string, string[]>()
    await eachRecord(this.#kafka, await wholeTopic(this.#admin, topic), (_, value, timestamp) => {
      const { id } = JSON.parse(value) as CheckEvent
      if (isIn(range, timestamp)) ids.set(id, [...(ids.get(id) ?? []), id])
    })
    return ids
  }

  /** A window that is written again replaces itself. */
  async #windows(topic: string, range: CheckRange): Promise<IdsByKey> {
    const ids = new Map<string, readonly string[]>()
    await eachRecord(this.#kafka, await wholeTopic(this.#admin, topic), (key, value) => {
      const beginMs = Number(key.slice(key.lastIndexOf('/') + 1))
      if (isIn(range, beginMs)) ids.set(key, JSON.parse(value) as readonly string[])
    })
    return ids
  }
}

function isIn({ fromMs, toMs }: CheckRange, timeMs: number): boolean {
  return timeMs >= fromMs && timeMs < toMs
}
