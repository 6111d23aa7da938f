import { errorCode, errorMessage, MillraceError } from '../../../../core/errors.ts'
import type { GroupMemberOptions } from '../../../port.ts'
import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { GroupTakeover } from '../group-takeover.ts'
import { forgetTopology } from './forget-topology.ts'
import type { StreamsRequests } from './streams-requests.ts'

/** In the answer of a broker to a topology that is not that of the group. */
const otherTopology = 'Topology updates are not supported'

/**
 * What becomes of a join that the group refuses, because its members speak another protocol or run another topology.
 * They may be about to end, which is waited for. A group without members changes its topology, and keeps its offsets.
 */
export class JoinRefusal {
  readonly #cluster: Cluster
  readonly #options: GroupMemberOptions
  readonly #lane: Lane
  readonly #requests: Pick<StreamsRequests, 'describe'>
  readonly #otherProtocol: GroupTakeover
  readonly #otherTopology: GroupTakeover

  constructor(cluster: Cluster, options: GroupMemberOptions, lane: Lane, requests: Pick<StreamsRequests, 'describe'>) {
    this.#cluster = cluster
    this.#options = options
    this.#lane = lane
    this.#requests = requests
    const { clock, logger } = cluster.config
    const { groupId, rebalanceTimeoutMs, sessionTimeoutMs } = options
    this.#otherProtocol = new GroupTakeover(clock, logger, groupId, rebalanceTimeoutMs)
    this.#otherTopology = new GroupTakeover(clock, logger, groupId, sessionTimeoutMs, {
      what: 'members with another topology',
      advice: 'stop them, then the group takes the new topology',
    })
  }

  joined(): void {
    this.#otherProtocol.joined()
    this.#otherTopology.joined()
  }

  /** Rejects with what is to be done: retriable for one more join, or fatal. */
  async answer(error: unknown, coordinator: number, timeoutMs: number): Promise<never> {
    if (errorCode(error) === 'GROUP_ID_NOT_FOUND') throw this.#otherProtocol.refused(error)
    if (errorCode(error) !== 'INVALID_REQUEST' || !errorMessage(error).includes(otherTopology)) throw error
    const { members } = await this.#requests.describe(coordinator, timeoutMs)
    if (members.length > 0) throw this.#otherTopology.refused(error)
    const { groupId, clientId, rebalanceTimeoutMs } = this.#options
    const what = `group ${groupId} has no members and another topology than this process: it takes the new one, and keeps its offsets`
    this.#cluster.config.logger.warn({ groupId }, what)
    await forgetTopology(
      this.#cluster,
      coordinator,
      { groupId, clientId, rebalanceTimeoutMs, lane: this.#lane },
      timeoutMs,
    )
    throw new MillraceError('ASSIGNMENT_OUTDATED', 'retriable', what)
  }
}
