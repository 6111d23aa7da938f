import type { ProducerConfig } from './producer-config.ts'

/** More would not be covered by the broker's duplicate check, which remembers five batches per partition. */
const inFlightMax = 5
/** What a batch that is sent early adds to the next wait: at most 1,000 of them go to a broker each second. */
const msPerEarlyBatch = 1

/**
 * What each broker still has to answer, and how long a batch waits for it.
 *
 * A broker that has to answer nothing is idle. A batch waits `idleLingerMs` for it, and then it takes all batches under
 * construction along: they are early. The more of them there were, the longer the next ones wait, up to `lingerMs`, so
 * that records of many partitions gather as they do without this rule. While a request is in flight, batches gather for
 * `lingerMs`: a slow broker gets few and large requests.
 */
export class BrokerLoad {
  readonly #config: ProducerConfig
  readonly #inFlight = new Map<number, number>()
  readonly #idleLingerMs = new Map<number, number>()

  constructor(config: ProducerConfig) {
    this.#config = config
  }

  isIdle(nodeId: number): boolean {
    return (this.#inFlight.get(nodeId) ?? 0) === 0
  }

  hasRoom(nodeId: number): boolean {
    return (this.#inFlight.get(nodeId) ?? 0) < inFlightMax
  }

  /** How long a batch waits for the broker after its first record. */
  lingerMs(nodeId: number): number {
    const { lingerMs, idleLingerMs } = this.#config
    if (!this.isIdle(nodeId)) return lingerMs
    return Math.min(lingerMs, this.#idleLingerMs.get(nodeId) ?? idleLingerMs)
  }

  /** So many batches go to an idle broker although they are neither full nor due. */
  noteEarly(nodeId: number, batches: number): void {
    this.#idleLingerMs.set(nodeId, Math.max(this.#config.idleLingerMs, batches * msPerEarlyBatch))
  }

  noteSent(nodeId: number): void {
    this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 0) + 1)
  }

  noteEnded(nodeId: number): void {
    this.#inFlight.set(nodeId, this.#inFlight.get(nodeId)! - 1)
  }
}
