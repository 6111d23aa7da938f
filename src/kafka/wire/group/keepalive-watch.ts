import type { Clock, Timer } from '../../../core/clock.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { HeldMembers, type ActAs } from './keepalive-held.ts'
import type { KeepaliveNews, KeepaliveReport } from './keepalive-messages.ts'

/** Notices that the event loop of the members is blocked, and replaces it until it runs again. */
export class KeepaliveWatch {
  readonly #clock: Clock
  readonly #openCluster: () => Cluster
  readonly #actAs: ActAs
  readonly #report: (report: KeepaliveReport) => void
  #timer: Timer | undefined
  #held: HeldMembers | undefined

  /**
   * A cluster is opened for each silence and closed after it: nothing is connected in between, and nothing grows old.
   */
  constructor(clock: Clock, openCluster: () => Cluster, actAs: ActAs, report: (report: KeepaliveReport) => void) {
    this.#clock = clock
    this.#openCluster = openCluster
    this.#actAs = actAs
    this.#report = report
  }

  /** The event loop is alive: the heartbeats of this thread end, and the wait for the next silence begins. */
  told({ members, isLate }: KeepaliveNews): void {
    const heardMs = this.#clock.monotonicMs()
    this.#timer?.cancel()
    if (this.#held !== undefined) void this.#end(this.#held, isLate)
    else if (isLate) this.#report({ heldMs: 0, heartbeats: 0, failure: undefined, rejoined: [], joining: [] })
    this.#held = undefined
    if (members.length === 0) return
    const silenceMs = Math.min(...members.map(({ heartbeatIntervalMs }) => heartbeatIntervalMs)) / 2
    this.#timer = this.#clock.setTimer(silenceMs, () => {
      this.#held = new HeldMembers(this.#openCluster(), this.#actAs, members, heardMs)
    })
  }

  async #end(held: HeldMembers, isLate: boolean): Promise<void> {
    const report = await held.end()
    if (isLate || report.heartbeats > 0 || report.failure !== undefined) this.#report(report)
  }
}
