import { type Admin, type KafkaDriver, systemClock } from '../../src/index.ts'

const timeoutMs = 300_000

/** The live group, as anybody may see it. */
export interface GroupView {
  readonly members: readonly string[]
  /** What it has committed of its input, over all partitions. */
  readonly committed: number
  readonly lag: number
}

export class GroupWatch {
  readonly #admin: Admin
  readonly #groupId: string
  readonly #input: string

  constructor(kafka: KafkaDriver, groupId: string, input: string) {
    this.#admin = kafka.admin()
    this.#groupId = groupId
    this.#input = input
  }

  async view(): Promise<GroupView> {
    const [described] = await this.#admin.describeTopics([this.#input])
    const offsets = await this.#admin.groupOffsets(this.#groupId)
    const committed = offsets.filter(({ topic }) => topic === this.#input).reduce((sum, { offset }) => sum + offset, 0)
    const places = (described?.partitions ?? []).map(({ partition }) => ({ topic: this.#input, partition }))
    const ends = await this.#admin.listOffsets(
      places.map((place) => ({ ...place, at: 'latest' as const })),
      'read_committed',
    )
    const lag = ends.reduce((sum, { offset }) => sum + offset, 0) - committed
    const { members } = await this.#admin.describeGroup(this.#groupId).catch(() => ({ members: [] }))
    return { members: members.map(({ memberId }) => memberId).sort(), committed, lag }
  }

  async drained(): Promise<void> {
    for (const endMs = performance.now() + timeoutMs; (await this.view()).lag > 0; ) {
      if (performance.now() > endMs) throw new Error(`the live application is behind after ${timeoutMs} ms`)
      await systemClock.sleep(100)
    }
  }
}
