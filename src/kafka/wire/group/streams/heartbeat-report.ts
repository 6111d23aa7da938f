import type { Beat } from './streams-requests.ts'
import { type MemberTasks, noTasks, tasksText } from './task-lists.ts'
import type { UserEndpoint } from './user-endpoint.ts'

/** What a member has told the group with its heartbeats, and what it still has to tell. */
export class HeartbeatReport {
  readonly #endpoint: UserEndpoint | undefined
  #tasks = ''
  #isEndpointTold = false
  #endpointEpoch = -1
  /** Whether all members are to stop: nobody asks for it, it is to be sent, it is sent. */
  #shutdown: 'none' | 'due' | 'sent' = 'none'
  #misses = 0
  #missesKnown = 0

  constructor(endpoint: UserEndpoint | undefined) {
    this.#endpoint = endpoint
  }

  /** The join said that the member has no tasks. */
  joined(): void {
    this.#tasks = tasksText(noTasks)
    this.#isEndpointTold = false
    this.#missesKnown = this.#misses
  }

  /** All members are to stop. */
  requestShutdown(): void {
    if (this.#shutdown === 'none') this.#shutdown = 'due'
  }

  get asksForShutdown(): boolean {
    return this.#shutdown !== 'none'
  }

  /** An answer may have said something that nobody has read. */
  miss(): void {
    this.#misses++
  }

  get mayHaveMissed(): boolean {
    return this.#misses > this.#missesKnown
  }

  /** The group waits to hear what was given back, or the member to hear what it has missed. */
  isDue(held: MemberTasks): boolean {
    return this.mayHaveMissed || this.#shutdown === 'due' || tasksText(held) !== this.#tasks
  }

  /** Makes sure that what is missed from now on is looked for later: call it before the look. */
  beginBeat(): number {
    return this.#misses
  }

  /**
   * Tasks are reported where they have changed, and after an answer that was not read. The endpoint follows the first tasks:
   * brokers fail of it while source topics are missing.
   */
  beat(held: MemberTasks): Beat {
    return {
      owned: this.isDue(held) ? held : undefined,
      endpoint: this.#isEndpointTold || held.active.length === 0 ? undefined : this.#endpoint,
      endpointEpoch: this.#endpointEpoch,
      asksForShutdown: this.asksForShutdown,
    }
  }

  /** `misses` is what `beginBeat` returned. */
  answered({ owned, endpoint, asksForShutdown }: Beat, misses: number): void {
    if (asksForShutdown) this.#shutdown = 'sent'
    if (owned !== undefined) this.#tasks = tasksText(owned)
    if (endpoint !== undefined) this.#isEndpointTold = true
    this.#missesKnown = misses
  }

  heard(endpointEpoch: number): void {
    this.#endpointEpoch = endpointEpoch
  }
}
