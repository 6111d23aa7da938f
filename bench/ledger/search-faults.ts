import type { HttpFault, HttpFaultProxy } from '../../test/support/http-fault-proxy.ts'

const busyEvery = 3
const rejected = { type: 'es_rejected_execution_exception', reason: 'rejected by the fault proxy' }
const busy: HttpFault = { kind: 'answer', status: 429, body: JSON.stringify({ error: rejected, status: 429 }) }

/** Makes a search server behind a proxy fail as real ones do, and counts what it did. */
export class SearchFaults {
  readonly #proxy: HttpFaultProxy
  refused = 0
  cut = 0

  constructor(proxy: HttpFaultProxy) {
    this.#proxy = proxy
  }

  /** Every third bulk is answered 429. */
  beBusy(): void {
    let bulks = 0
    this.#proxy.failBy((path) => {
      if (!path.includes('_bulk') || bulks++ % busyEvery !== 0) return undefined
      this.refused++
      return busy
    })
  }

  /** Every connection is cut, the open ones too. */
  goAway(): void {
    this.#proxy.failBy(() => {
      this.cut++
      return { kind: 'drop-connection' }
    })
    this.#proxy.cutConnections()
  }

  beWell(): void {
    this.#proxy.failAlways(undefined)
  }
}
