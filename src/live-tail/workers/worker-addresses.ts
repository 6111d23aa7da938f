import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import type { WorkerPlace } from './worker-options.ts'

/** More are not asked: one answer has to hold them all. */
export const workersMax = 200
const deadlineMs = 2000
const ageMaxMs = 5000

/** Which workers there are now. */
export interface FoundWorkers {
  /** `host:port` of each; names are replaced by their addresses. */
  readonly addresses: readonly string[]
  /** Names that cannot be looked up, and why. */
  readonly faults: readonly { readonly name: string; readonly reason: string }[]
  /** How many there are above `workersMax`. */
  readonly leftOut: number
}

/** Finds the addresses of a name. */
export type Lookup = (name: string) => Promise<readonly string[]>

/** Looks up where workers are; names of Kubernetes lead to other addresses with each deployment. */
export class WorkerAddresses {
  readonly #places: readonly WorkerPlace[]
  readonly #clock: Clock
  readonly #lookup: Lookup
  #found: FoundWorkers | undefined
  #foundMs = 0

  constructor(places: readonly WorkerPlace[], clock: Clock, lookUp: Lookup = systemLookup) {
    this.#places = places
    this.#clock = clock
    this.#lookup = lookUp
  }

  /** At most 5 s old. Never rejects. */
  async find(): Promise<FoundWorkers> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#found !== undefined && nowMs - this.#foundMs < ageMaxMs) return this.#found
    const faults: { readonly name: string; readonly reason: string }[] = []
    const lists = await Promise.all(
      this.#places.map(async ({ host, port }) => {
        try {
          return (await this.#addressesOf(host)).map((address) => `${address}:${port}`)
        } catch (error) {
          faults.push({ name: `${host}:${port}`, reason: errorMessage(error) })
          return []
        }
      }),
    )
    const all = [...new Set(lists.flat())]
    const addresses = all.slice(0, workersMax)
    this.#found = { addresses, faults, leftOut: all.length - addresses.length }
    this.#foundMs = nowMs
    return this.#found
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    // Both addresses of this machine would be the same worker twice.
    if (host === 'localhost' || host.startsWith('[') || isIP(host) !== 0) return [host]
    const found = this.#lookup(host)
    found.catch(() => {})
    let cancel = (): void => {}
    const late = new Promise<never>((_, reject) => {
      const timer = this.#clock.setTimer(deadlineMs, () => reject(new Error(`no answer within ${deadlineMs} ms`)))
      cancel = () => timer.cancel()
    })
    try {
      return (await Promise.race([found, late])).map((address) => (isIP(address) === 6 ? `[${address}]` : address))
    } finally {
      cancel()
    }
  }
}

async function systemLookup(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address)
}
