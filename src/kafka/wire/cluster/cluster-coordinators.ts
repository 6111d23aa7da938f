import { Backoff } from '../../../core/backoff.ts'
import { Deadline, retryUntil } from '../connection/retry-until.ts'
import type { ClusterConfig } from '../connection/cluster-options.ts'
import { protocolError } from '../connection/protocol-errors.ts'
import type { Metadata } from './metadata.ts'
import type { Api } from '../protocol/api.ts'
import { findCoordinatorApi } from '../protocol/generated/find-coordinator.ts'

export type CoordinatorKind = 'group' | 'transaction'

const keyTypes: Readonly<Record<CoordinatorKind, number>> = { group: 0, transaction: 1 }

/** The part of a cluster that a lookup needs. */
interface AskedCluster {
  readonly config: ClusterConfig
  readonly metadata: Pick<Metadata, 'nodes'>
  requestAny<Request, Response>(api: Api<Request, Response>, body: Request, timeoutMs: number): Promise<Response>
  refresh(topics: Iterable<string>, timeoutMs: number): Promise<void>
}

/** Which broker coordinates a group or a transactional id; looked up once and kept until somebody says it is wrong. */
export class Coordinators {
  readonly #cluster: AskedCluster
  readonly #known = new Map<string, number>()

  constructor(cluster: AskedCluster) {
    this.#cluster = cluster
  }

  /**
   * The node id of the coordinator. The first lookup also makes Kafka create its internal topic, so a commit must come
   * after it. Retries until the deadline, then rejects with the last error.
   */
  async find(
    kind: CoordinatorKind,
    key: string,
    timeoutMs: number = this.#cluster.config.requestTimeoutMs,
  ): Promise<number> {
    const known = this.#known.get(`${kind}:${key}`)
    if (known !== undefined && this.#cluster.metadata.nodes.has(known)) return known
    const { clock, retryBackoff } = this.#cluster.config
    const deadline = new Deadline(clock, timeoutMs)
    const backoff = new Backoff(retryBackoff)
    return retryUntil(clock, deadline, backoff, () => this.#lookUp(kind, key, deadline))
  }

  /** The coordinator did not answer, or said that it is not the one. Another lookup that happened since is kept. */
  forget(kind: CoordinatorKind, key: string, nodeId: number): void {
    if (this.#known.get(`${kind}:${key}`) === nodeId) this.#known.delete(`${kind}:${key}`)
  }

  async #lookUp(kind: CoordinatorKind, key: string, deadline: Deadline): Promise<number> {
    const body = { keyType: keyTypes[kind], coordinatorKeys: [key] }
    const response = await this.#cluster.requestAny(findCoordinatorApi, body, deadline.remainingMs())
    const found = response.coordinators[0]
    if (found === undefined || found.errorCode !== 0) {
      throw protocolError(found?.errorCode ?? -1, `coordinator of ${kind} ${key}`)
    }
    if (!this.#cluster.metadata.nodes.has(found.nodeId)) await this.#cluster.refresh([], deadline.remainingMs())
    this.#known.set(`${kind}:${key}`, found.nodeId)
    return found.nodeId
  }
}
