import type { Timer } from '../../../core/clock.ts'
import { consequenceOf } from '../../../core/errors.ts'
import type { Deadline } from '../connection/retry-until.ts'
import { ClusterNode } from './cluster-node.ts'
import type { BrokerHealth } from '../../port.ts'
import type { ClusterHealth } from './cluster-health.ts'
import type { BrokerAddress } from '../connection/broker-address.ts'
import type { ClusterConfig } from '../connection/cluster-options.ts'
import { Dialer } from '../connection/dialer.ts'
import type { NodeMetadata } from './metadata.ts'
import type { Api } from '../protocol/api.ts'

/** How long to wait for one broker before another one is asked concurrently. */
const leastPatienceMs = 2000

/**
 * Every broker that we can reach: those of the metadata, by id and lane, and those of the bootstrap list. Owned by
 * `Cluster`. The bootstrap list is asked until metadata has named brokers, and between them afterwards, so that a
 * cluster whose brokers all moved is still found.
 */
export class ClusterNodes {
  readonly #config: ClusterConfig
  readonly #health: ClusterHealth
  readonly #dialer: Dialer
  readonly #bootstrap: readonly ClusterNode[]
  readonly #lanes = new Map<string, Map<number, ClusterNode>>()
  #known: ReadonlyMap<number, NodeMetadata> = new Map()
  #patienceMs = leastPatienceMs
  #isClosed = false

  constructor(config: ClusterConfig, health: ClusterHealth) {
    this.#config = config
    this.#health = health
    this.#dialer = new Dialer(config.tls)
    this.#bootstrap = shuffled(config.bootstrap).map((address) => this.#wayTo(address))
  }

  /** The way to a broker; a new one when its address changed. */
  node(nodeId: number, address: BrokerAddress, lane: string): ClusterNode {
    let nodes = this.#lanes.get(lane)
    if (nodes === undefined) this.#lanes.set(lane, (nodes = new Map()))
    const before = nodes.get(nodeId)
    if (before !== undefined && before.address.host === address.host && before.address.port === address.port)
      return before
    before?.leave()
    const node = this.#wayTo(address)
    if (this.#isClosed) node.close()
    nodes.set(nodeId, node)
    return node
  }

  #wayTo(address: BrokerAddress): ClusterNode {
    return new ClusterNode(this.#health.broker(address), this.#dialer, this.#config)
  }

  /** Follows the metadata: brokers that left are closed in every lane. */
  learn(known: ReadonlyMap<number, NodeMetadata>): void {
    this.#known = known
    for (const nodes of this.#lanes.values()) {
      for (const [nodeId, node] of nodes) {
        if (known.has(nodeId)) continue
        node.leave()
        nodes.delete(nodeId)
      }
    }
    if (known.size > 0) for (const node of this.#bootstrap) node.release()
  }

  /**
   * Asks one broker, and after a while another one concurrently: the first response is used, and a slow connection is
   * left to those who wait on it. Rejects when all failed: with a fatal error, if one did, else with the last.
   */
  requestAny<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    deadline: Deadline,
    lane: string,
  ): Promise<Response> {
    const { clock } = this.#config
    const waiting = this.#candidates(lane)
    return new Promise((resolve, reject) => {
      let underWay = 0
      let failure: unknown
      let timer: Timer | undefined
      const ask = async (node: ClusterNode): Promise<void> => {
        const startedMs = clock.monotonicMs()
        try {
          resolve(await node.request(api, body, { timeoutMs: deadline.remainingMs() }))
          timer?.cancel()
          waiting.length = 0
          this.#learnPatience(clock.monotonicMs() - startedMs)
        } catch (error) {
          underWay--
          if (failure === undefined || consequenceOf(failure) === 'retriable') failure = error
          next()
        }
      }
      const next = (): void => {
        timer?.cancel()
        const node = waiting.shift()
        if (node === undefined) {
          if (underWay === 0) reject(failure)
          return
        }
        underWay++
        if (waiting.length > 0) timer = clock.setTimer(this.#patienceMs, next)
        void ask(node)
      }
      next()
    })
  }

  /** Until the next metadata, only the bootstrap list is asked (KIP-1102). */
  rebootstrap(): void {
    this.#known = new Map()
  }

  /** For the status: those of the metadata, or of the bootstrap list before there is any. */
  brokers(): readonly BrokerHealth[] {
    if (this.#known.size === 0) return this.#bootstrap.map(({ address }) => this.#health.of(address, undefined))
    return Array.from(this.#known.values(), (node) => this.#health.of(node, node.nodeId))
  }

  /** Requests in flight in the lane reject; other lanes are not touched. */
  closeLane(lane: string): void {
    for (const node of this.#lanes.get(lane)?.values() ?? []) node.close()
    this.#lanes.delete(lane)
  }

  close(): void {
    this.#isClosed = true
    for (const node of this.#bootstrap) node.close()
    for (const nodes of this.#lanes.values()) for (const node of nodes.values()) node.close()
  }

  /**
   * Connected ones that are not slow first, then those whose backoff is over; a bootstrap address after every second
   * known one.
   */
  #candidates(lane: string): ClusterNode[] {
    const known = shuffled([...this.#known.values()]).map((node) => this.node(node.nodeId, node, lane))
    known.sort((left, right) => rank(left) - rank(right))
    const bootstrap = [...this.#bootstrap]
    return [
      ...known.flatMap((node, index) => (index % 2 === 1 ? [node, ...bootstrap.splice(0, 1)] : [node])),
      ...bootstrap,
    ]
  }

  /** A cluster that was slow a moment ago is given as much time again before another broker is asked as well. */
  #learnPatience(tookMs: number): void {
    const mostMs = Math.max(leastPatienceMs, this.#config.requestTimeoutMs / 3)
    this.#patienceMs = Math.min(mostMs, Math.max(leastPatienceMs, tookMs * 2))
  }
}

/** The lower, the sooner a broker is asked. */
function rank(node: ClusterNode): number {
  return node.isSlow ? Number.MAX_SAFE_INTEGER : node.isConnected ? -1 : node.waitMs
}

/** So that the clients of a cluster do not all ask the same broker. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}
