import type { GroupState } from '../../alerts/notices/group-state.ts'
import { compileMatch, type Match, type Matcher } from '../../alerts/notices/matcher.ts'
import { type ActiveSilence, compileSilence, isSilence } from '../../alerts/notices/silence.ts'
import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin, KafkaDriver } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { LineSource } from '../line-source.ts'
import { Positions } from '../positions.ts'
import { type AlertDeskOptions, defaultSecurity } from './alert-desk-options.ts'
import { type KnownGroup, knownGroup } from './known-group.ts'

const groupsMax = 2000
const silencesMax = 2000
/** Keys of groups that are only counted. */
const leftOutMax = 100_000
/** The changelog comes with the first worker of the alerts. */
const lookForTopicsMs = 2000

/** What alerts are kept of. */
export interface AlertTablesWorld {
  readonly kafka: KafkaDriver
  readonly clock: Clock
  readonly logger: Logger
  /** Called when something is another than before. */
  readonly changed: () => void
}

/** The groups of alerts that fire and the silences, as their topics have them now: read from the beginning, outside of any group. */
export class AlertTables {
  readonly groups = new Map<string, KnownGroup>()
  readonly silences = new Map<string, ActiveSilence>()
  /** Keys of groups that fire and for which there was no room. */
  readonly groupsLeftOut = new Set<string>()
  /** Rows that could not be read. */
  #unreadable = 0
  #silencesLeftOut = 0
  /** Resolves when it is closed; rejects when it cannot read any longer. */
  readonly ended: Promise<void>
  readonly #admin: Admin
  readonly #source: LineSource
  readonly #options: AlertDeskOptions
  readonly #world: AlertTablesWorld
  readonly #isSecurity: Matcher
  #isComplete = false

  static async start(options: AlertDeskOptions, world: AlertTablesWorld): Promise<AlertTables> {
    const admin = world.kafka.admin()
    try {
      const topics = [options.groupsTopic, options.silencesTopic]
      const described = await admin.describeTopics(topics)
      const places = topics.map((topic) => {
        const partitions = described.find(({ name }) => name === topic)?.partitions ?? []
        return [topic, partitions.map(() => 0)] as const
      })
      return new AlertTables(options, world, { admin, start: new Positions(new Map(places)) })
    } catch (error) {
      await admin.close()
      throw error
    }
  }

  private constructor(
    options: AlertDeskOptions,
    world: AlertTablesWorld,
    { admin, start }: { readonly admin: Admin; readonly start: Positions },
  ) {
    const { kafka, clock, logger } = world
    this.#options = options
    this.#world = world
    this.#admin = admin
    this.#isSecurity = anyOf(options.security ?? defaultSecurity)
    const topics = [options.groupsTopic, options.silencesTopic]
    this.#source = new LineSource(kafka, admin, { start, topics, clock, logger, lookMs: lookForTopicsMs })
    this.ended = this.#source.read((batch) => this.#take(batch))
    // Whoever waits for it hears of it.
    this.ended.catch(() => {})
  }

  /** False: not all of the topics was read yet, or one is not there. */
  get isComplete(): boolean {
    this.#isComplete ||= this.#source.hasAll([this.#options.groupsTopic, this.#options.silencesTopic])
    return this.#isComplete
  }

  /** The group that has the id, or that has an alert with it. */
  groupOf(id: string): KnownGroup | undefined {
    return [...this.groups.values()].find((group) => group.id === id || group.alerts.some((alert) => alert.id === id))
  }

  async close(): Promise<void> {
    this.#source.close()
    await this.ended.catch(() => {})
    await this.#admin.close()
  }

  #take(batch: RecordBatch): void {
    const isGroups = batch.topic === this.#options.groupsTopic
    for (let index = 0; index < batch.count; index++) {
      const key = textOf(batch.key(index)) ?? ''
      const text = textOf(batch.value(index))
      try {
        const value: unknown = text === undefined ? undefined : JSON.parse(text)
        if (isGroups) this.#takeGroup(key, value as GroupState | undefined)
        else this.#takeSilence(key, value)
      } catch (error) {
        this.#unreadable++
        const fields = { topic: batch.topic, partition: batch.partition, offset: batch.offset(index) }
        this.#warn(this.#unreadable, fields, `a row about alerts cannot be shown: ${errorMessage(error)}`)
      }
    }
    this.#world.changed()
  }

  #takeGroup(key: string, state: GroupState | undefined): void {
    this.groups.delete(key)
    this.groupsLeftOut.delete(key)
    const group = state && knownGroup(state, this.#isSecurity)
    if (group === undefined) return
    if (this.groups.size < groupsMax) return void this.groups.set(key, group)
    if (this.groupsLeftOut.size < leftOutMax) this.groupsLeftOut.add(key)
    this.#warn(this.groupsLeftOut.size, { group: key, groupsMax }, 'more groups of alerts fire than are shown')
  }

  #takeSilence(key: string, row: unknown): void {
    this.silences.delete(key)
    if (row === undefined) return
    if (!isSilence(row)) throw new Error('the value is no silence')
    const nowMs = this.#world.clock.nowMs()
    if (row.endMs <= nowMs) return
    if (this.silences.size >= silencesMax) this.#forgetOver(nowMs)
    if (this.silences.size < silencesMax) return void this.silences.set(key, compileSilence(row))
    this.#silencesLeftOut++
    this.#warn(this.#silencesLeftOut, { silence: key, silencesMax }, 'more silences hold than are shown')
  }

  #forgetOver(nowMs: number): void {
    for (const [key, { silence }] of this.silences) if (silence.endMs <= nowMs) this.silences.delete(key)
  }

  /** The first one, and then whenever there are twice as many. */
  #warn(count: number, fields: Readonly<Record<string, unknown>>, text: string): void {
    if (Number.isInteger(Math.log2(count))) this.#world.logger.warn({ ...fields, count }, text)
  }
}

function anyOf(matches: readonly Match[]): Matcher {
  const matchers = matches.map(compileMatch)
  return (change) => matchers.some((matcher) => matcher(change))
}

function textOf(bytes: Uint8Array | null): string | undefined {
  return bytes === null ? undefined : Buffer.from(bytes).toString()
}
