import type { Rebalance } from '../../../rebalance.ts'

/** What the description of a group says about its rebalances. */
export interface GroupShape {
  /** Each rebalance begins a new one. */
  readonly epoch: number
  /** The ids of the members. */
  readonly members: readonly string[]
}

/**
 * Why a streams group has a new epoch. Brokers do not say it: a member compares what the group was with what it is.
 */
export class EpochCauses {
  readonly #topics: () => Promise<string>
  #joining: Rebalance | undefined
  #epoch = -1
  #members: ReadonlySet<string> = new Set()
  #topicsBefore: string | undefined

  /** `topics` looks up the source topics with their partition counts, as text. */
  constructor(topics: () => Promise<string>) {
    this.#topics = topics
  }

  /** The next epoch has this cause: the member joins. */
  join(rebalance: Rebalance): void {
    this.#joining = rebalance
  }

  /**
   * The cause of a new epoch; undefined where the epoch is known already. `shape`: as the group is described; undefined
   * where it cannot be described.
   */
  async next(epoch: number, shape: GroupShape | undefined): Promise<Rebalance | undefined> {
    const latest = Math.max(epoch, shape?.epoch ?? epoch)
    const joining = this.#joining
    if (joining === undefined && latest <= this.#epoch) return undefined
    this.#epoch = latest
    this.#joining = undefined
    const before = this.#members
    if (shape !== undefined) this.#members = new Set(shape.members)
    if (joining !== undefined) {
      void this.#haveTopicsChanged()
      return joining
    }
    const came = [...this.#members].filter((memberId) => !before.has(memberId))
    if (came.length > 0) return { cause: 'member-joined', detail: came.join(', ') }
    const gone = [...before].filter((memberId) => !this.#members.has(memberId))
    if (gone.length > 0) return { cause: 'member-left', detail: gone.join(', ') }
    return { cause: (await this.#haveTopicsChanged()) ? 'topics-changed' : 'unknown', detail: '' }
  }

  /** Since the last look; false where that cannot be found out. */
  async #haveTopicsChanged(): Promise<boolean> {
    const before = this.#topicsBefore
    const now = await this.#topics().catch(() => undefined)
    this.#topicsBefore = now ?? before
    return before !== undefined && now !== undefined && now !== before
  }
}
