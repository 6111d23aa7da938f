import type { HttpRefusal } from '../core/http-refusal.ts'
import type { LiveTailConfig } from './live-tail-options.ts'

/** Why somebody may not look now. */
export interface Refusal extends HttpRefusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 429 | 502 | 503
}

/** Counts viewers by user, up to the limits. */
export class Admission {
  readonly #config: Pick<LiveTailConfig, 'viewersMax' | 'viewersPerUserMax' | 'owner'>
  readonly #byUser = new Map<string, number>()
  #all = 0

  constructor(config: Pick<LiveTailConfig, 'viewersMax' | 'viewersPerUserMax' | 'owner'>) {
    this.#config = config
  }

  /** Lets one in; undefined: it is in, and has to `leave`. */
  enter(user: string): Refusal | undefined {
    const { viewersMax, viewersPerUserMax, owner } = this.#config
    if (this.#all >= viewersMax) {
      const reason = `${viewersMax} viewers are connected to this process: try again later, or ask the owner for more`
      return { status: 429, reason, limit: `viewersMax=${viewersMax}`, owner }
    }
    const own = this.#byUser.get(user) ?? 0
    if (own >= viewersPerUserMax) {
      const reason = `${user} has ${viewersPerUserMax} viewers already: close one of them, or ask the owner for more`
      return { status: 429, reason, limit: `viewersPerUserMax=${viewersPerUserMax}`, owner }
    }
    this.#byUser.set(user, own + 1)
    this.#all++
    return undefined
  }

  leave(user: string): void {
    const own = this.#byUser.get(user) ?? 0
    if (own <= 1) this.#byUser.delete(user)
    else this.#byUser.set(user, own - 1)
    this.#all--
  }
}
