import { consequenceOf, errorCode, errorMessage } from '../../../core/errors.ts'
import { Backoff } from '../../../core/backoff.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { MemberIdentity, MemberRequests } from './member-requests.ts'
import type { KeepaliveReport, KeptMember } from './keepalive-messages.ts'
import { Wakeup } from '../connection/wakeup.ts'

/** The requests of a member in the protocol of its group. */
export type RequestsOf = (cluster: Cluster, member: KeptMember) => MemberRequests

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

  constructor(cluster: Cluster, requestsOf: RequestsOf, members: readonly KeptMember[], heldFromMs: number) {
    this.#cluster = cluster
    this.#heldFromMs = heldFromMs
    this.#wakeups = members.map(() => new Wakeup(cluster.config.clock))
    const kept = members.map((member, index) =>
      this.#keep(member, requestsOf(cluster, member), this.#wakeups[index] as Wakeup),
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
    return { heldMs, heartbeats: this.#heartbeats, failure: this.#failure }
  }

  get #heldMs(): number {
    return this.#cluster.config.clock.monotonicMs() - this.#heldFromMs
  }

  async #keep(member: KeptMember, requests: MemberRequests, wakeup: Wakeup): Promise<void> {
    const backoff = new Backoff(this.#cluster.config.retryBackoff)
    // Whoever holds the loop may do so while the member joins: the next generation then begins without its knowledge.
    const identities: MemberIdentity[] = [member, { ...member, generation: member.generation + 1 }]
    while (!this.#isOver && identities.length > 0) {
      const leftMs = member.rebalanceTimeoutMs - this.#heldMs
      if (leftMs <= 0) return this.#leave(member, requests)
      let waitMs = member.heartbeatIntervalMs
      try {
        identities[0] = await beat(requests, identities[0] as MemberIdentity, member)
        this.#heartbeats++
        backoff.reset()
      } catch (error) {
        if (this.#isOver) return
        this.#failure = errorMessage(error)
        if (consequenceOf(error) === 'retriable') waitMs = backoff.nextMs()
        else if (errorCode(error) !== 'ILLEGAL_GENERATION') return
        else {
          identities.shift()
          continue
        }
      }
      await wakeup.sleep(Math.min(waitMs, leftMs))
    }
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

async function beat(requests: MemberRequests, identity: MemberIdentity, member: KeptMember): Promise<MemberIdentity> {
  const timeoutMs = Math.max(member.heartbeatIntervalMs, member.sessionTimeoutMs / 3)
  const coordinator = await requests.coordinator(timeoutMs)
  try {
    return await requests.heartbeat(coordinator, identity, timeoutMs)
  } catch (error) {
    // The group waits for this member to join again: until it does, it must be alive.
    if (errorCode(error) === 'REBALANCE_IN_PROGRESS') return identity
    if (consequenceOf(error) === 'retriable') requests.forgetCoordinator(coordinator)
    throw error
  }
}
