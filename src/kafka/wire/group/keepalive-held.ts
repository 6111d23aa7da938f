import { consequenceOf, errorCode, errorMessage } from '../../../core/errors.ts'
import { Backoff } from '../../../core/backoff.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { MemberIdentity, MemberRequests } from './member-requests.ts'
import type { KeepaliveReport, KeptMember, RejoinedMember } from './keepalive-messages.ts'
import { missedGeneration } from './group-membership.ts'
import { Wakeup } from '../connection/wakeup.ts'

/** How another thread acts as a member, in the protocol of its group. */
export interface HeldMember {
  readonly requests: MemberRequests
  /** undefined: the group does not wait for joins, or the member is not to join now. */
  readonly rejoin: (() => Promise<RejoinedMember>) | undefined
}

export type ActAs = (cluster: Cluster, member: KeptMember) => HeldMember

/** A join that meets them is sent again. */
const betweenGenerations: readonly (string | undefined)[] = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION']
/** How long the last answers are waited for. */
const lastAnswerMs = 1000

/** Members whose event loop is held: their heartbeats are sent from here until `end`. */
export class HeldMembers {
  readonly #cluster: Cluster
  readonly #heldFromMs: number
  readonly #wakeups: readonly Wakeup[]
  readonly #kept: Promise<unknown>
  #isOver = false
  #heartbeats = 0
  #failure: string | undefined
  readonly #rejoined = new Map<string, RejoinedMember>()
  readonly #joining = new Set<string>()

  constructor(cluster: Cluster, actAs: ActAs, members: readonly KeptMember[], heldFromMs: number) {
    this.#cluster = cluster
    this.#heldFromMs = heldFromMs
    this.#wakeups = members.map(() => new Wakeup(cluster.config.clock))
    const kept = members.map((member, index) =>
      this.#keep(member, actAs(cluster, member), this.#wakeups[index] as Wakeup),
    )
    this.#kept = Promise.all(kept)
  }

  /**
   * The event loop runs again: no more heartbeats are sent, and the cluster is closed. The last answers
   * are waited for: the group may have told a member something that it tells once, and the report says to look.
   */
  async end(): Promise<KeepaliveReport> {
    const heldMs = this.#heldMs
    this.#isOver = true
    for (const wakeup of this.#wakeups) wakeup.wake()
    const { clock } = this.#cluster.config
    const late = new Wakeup(clock)
    void this.#kept.then(() => late.wake())
    await late.sleep(lastAnswerMs)
    this.#cluster.close()
    const rejoined = [...this.#rejoined.values()]
    const joining = [...this.#joining]
    return { heldMs, heartbeats: this.#heartbeats, failure: this.#failure, rejoined, joining }
  }

  get #heldMs(): number {
    return this.#cluster.config.clock.monotonicMs() - this.#heldFromMs
  }

  async #keep(member: KeptMember, { requests, rejoin }: HeldMember, wakeup: Wakeup): Promise<void> {
    const backoff = new Backoff(this.#cluster.config.retryBackoff)
    // Whoever holds the loop may do so while the member joins: the next generation then begins without its knowledge.
    const identities: MemberIdentity[] = [member, { ...member, generation: member.generation + 1 }]
    const { memberId } = member
    while (!this.#isOver && identities.length > 0) {
      const leftMs = member.rebalanceTimeoutMs - this.#heldMs
      if (leftMs <= 0) return this.#leave(member, requests)
      let waitMs = member.heartbeatIntervalMs
      try {
        const isJoining = this.#joining.has(memberId)
        const identity = isJoining ? undefined : await beat(requests, identities[0] as MemberIdentity, member)
        if (identity !== undefined) identities[0] = identity
        else if (rejoin !== undefined) {
          const joined = await this.#rejoin(memberId, rejoin)
          if (missedGeneration({ ...member, ...identities[0] }, joined.generation)) {
            // Its loop joins again itself, and finds out that it has lost its tasks.
            this.#failure = 'the group had a generation without the member'
            return
          }
          this.#joining.delete(memberId)
          this.#rejoined.set(memberId, joined)
          identities.splice(0, 2, joined)
        }
        this.#heartbeats++
        backoff.reset()
      } catch (error) {
        if (this.#isOver) return
        this.#failure = errorMessage(error)
        const isBetween = this.#joining.has(memberId) && betweenGenerations.includes(errorCode(error))
        if (isBetween || consequenceOf(error) === 'retriable') waitMs = backoff.nextMs()
        else if (errorCode(error) !== 'ILLEGAL_GENERATION') return
        else {
          identities.shift()
          continue
        }
      }
      await wakeup.sleep(Math.min(waitMs, leftMs))
    }
  }

  /** The group rebalances, and waits for the member. */
  #rejoin(memberId: string, join: () => Promise<RejoinedMember>): Promise<RejoinedMember> {
    this.#joining.add(memberId)
    return join()
  }

  /** As Kafka's clients do for a member that does not poll; a static one stays until its session is over. */
  async #leave(member: KeptMember, requests: MemberRequests): Promise<void> {
    this.#failure = `blocked for more than rebalanceTimeoutMs (${member.rebalanceTimeoutMs})`
    if (member.instanceId !== undefined) return
    try {
      const coordinator = await requests.coordinator(member.sessionTimeoutMs)
      await requests.leave(coordinator, member.memberId, 'the event loop is blocked', member.sessionTimeoutMs)
    } catch (error) {
      this.#failure += `; leaving failed: ${errorMessage(error)}`
    }
  }
}

/** undefined: the group waits for the member to join again; until then it must be alive. */
async function beat(
  requests: MemberRequests,
  identity: MemberIdentity,
  member: KeptMember,
): Promise<MemberIdentity | undefined> {
  const timeoutMs = Math.max(member.heartbeatIntervalMs, member.sessionTimeoutMs / 3)
  const coordinator = await requests.coordinator(timeoutMs)
  try {
    return await requests.heartbeat(coordinator, identity, timeoutMs)
  } catch (error) {
    if (errorCode(error) === 'REBALANCE_IN_PROGRESS') return undefined
    if (consequenceOf(error) === 'retriable') requests.forgetCoordinator(coordinator)
    throw error
  }
}
