import { consequenceOf } from '../../core/errors.ts'
import type { Deadline } from './backoff.ts'
import { ClusterNode } from './cluster-node.ts'
import type { BrokerHealth } from '../port.ts'
import type { ClusterHealth } from './cluster-health.ts'
import type { BrokerAddress, ClusterConfig } from './cluster-options.ts'
import type { NodeMetadata } from './metadata.ts'
import type { Api } from './protocol/api.ts'

const firstTryMs = 2000

/** Every broker that we can reach: those of the metadata, by id and lane, and those of the bootstrap list. */
export class ClusterNodes {
  readonly #config: ClusterConfig
  readonly #health: ClusterHealth
  readonly #bootstrap: readonly ClusterNode[]
  readonly #lanes = new Map<string, Map<number, ClusterNode>>()
  #known: ReadonlyMap<number, NodeMetadata> = new Map()
  #isClosed = false

  constructor(config: ClusterConfig, health: ClusterHealth) {
    this.#config = config
    this.#health = health
    this.#bootstrap = shuffled(config.bootstrap).map((address) => new ClusterNode(health.broker(address), config))
  }

  /** The way to a broker; a new one when its address changed. */
  node(nodeId: number, address: BrokerAddress, lane: string): ClusterNode {
    let nodes = this.#lanes.get(lane)
    if (nodes === undefined) this.#lanes.set(lane, (nodes = new Map()))
    const before = nodes.get(nodeId)
    if (before !== undefined && before.address.host === address.host && before.address.port === address.port)
      return before
    before?.leave()
    const node = new ClusterNode(this.#health.broker(address), this.#config)
    if (this.#isClosed) node.close()
    nodes.set(nodeId, node)
    return node
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
   * Asks one broker after the other, connected ones first, then those whose backoff is over, the bootstrap list last.
   * The first gets two seconds, each next one twice that: a broker that hangs must not cost the whole deadline. Rejects
   * with the last error when all failed; a fatal one is not tried elsewhere.
   */
  async requestAny<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    deadline: Deadline,
  ): Promise<Response> {
    let failure: unknown
    let tryMs = firstTryMs
    for (const node of this.#candidates()) {
      if (failure !== undefined && deadline.isOver) break
      try {
        return await node.request(api, body, { timeoutMs: Math.min(tryMs, deadline.remainingMs()) })
      } catch (error) {
        if (consequenceOf(error) !== 'retriable') throw error
        failure = error
        tryMs *= 2
      }
    }
    throw failure
  }

  brokers(): readonly BrokerHealth[] {
    if (this.#known.size === 0) return this.#bootstrap.map(({ address }) => this.#health.of(address, undefined))
    return Array.from(this.#known.values(), (node) => this.#health.of(node, node.nodeId))
  }

  closeLane(lane: string): void {
    for (const node of this.#lanes.get(lane)?.values() ?? []) node.close()
    this.#lanes.delete(lane)
  }

  close(): void {
    this.#isClosed = true
    for (const node of this.#bootstrap) node.close()
    for (const nodes of this.#lanes.values()) for (const node of nodes.values()) node.close()
  }

  #candidates(): readonly ClusterNode[] {
    const known = shuffled([...this.#known.values()]).map((node) => this.node(node.nodeId, node, 'shared'))
    const byReadiness = known.sort((left, right) => rank(left) - rank(right))
    return [...byReadiness, ...this.#bootstrap]
  }
}

function rank(node: ClusterNode): number {
  return node.isConnected ? -1 : node.waitMs
}

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}
