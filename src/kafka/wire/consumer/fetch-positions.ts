import type { IsolationLevel, OffsetPlace } from '../../port.ts'
import { placeTimestamp } from '../admin/admin-offsets.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { errorCodes } from '../connection/protocol-errors.ts'
import type { FetchPartition, LostPosition } from './fetch-partition.ts'
import { listOffsetsApi } from '../protocol/generated/list-offsets.ts'

export interface PositionEvents {
  /** A position that was lost has its successor. */
  onReplaced(partition: FetchPartition, lost: LostPosition, to: number): void
  /** The partition did not get its position; it is still pending. */
  onPartitionError(partition: FetchPartition, errorCode: number): void
  onRequestError(partitions: readonly FetchPartition[], error: unknown): void
  /** Some lookups ended, well or not. */
  onDone(): void
}

/** Finds out at which offsets partitions with a symbolic start begin: one try per call, all of a leader in one request. */
export class FetchPositions {
  readonly #cluster: Cluster
  readonly #isolationLevel: number
  readonly #events: PositionEvents

  constructor(cluster: Cluster, isolationLevel: IsolationLevel, events: PositionEvents) {
    this.#cluster = cluster
    this.#isolationLevel = isolationLevel === 'read_committed' ? 1 : 0
    this.#events = events
  }

  async lookUp(nodeId: number, partitions: readonly FetchPartition[]): Promise<void> {
    for (const partition of partitions) partition.lookUpBegan()
    const asked = new Map(partitions.map((partition) => [partition, partition.moves]))
    const isCurrent = (partition: FetchPartition): boolean => asked.get(partition) === partition.moves
    try {
      const response = await this.#cluster.request(nodeId, listOffsetsApi, this.#request(partitions))
      const unanswered = new Set(partitions)
      for (const topic of response.topics) {
        for (const { partitionIndex, errorCode, offset } of topic.partitions) {
          const partition = partitions.find((each) => each.topic === topic.name && each.partition === partitionIndex)
          if (partition === undefined || !unanswered.delete(partition) || !isCurrent(partition)) continue
          if (errorCode === 0 && offset >= 0) this.#found(partition, offset)
          else if (errorCode === 0 && typeof partition.pendingStart === 'object') partition.moveTo('latest')
          else this.#events.onPartitionError(partition, errorCode)
        }
      }
      for (const partition of unanswered) {
        if (isCurrent(partition)) this.#events.onPartitionError(partition, errorCodes.networkException)
      }
    } catch (error) {
      this.#events.onRequestError(partitions.filter(isCurrent), error)
    } finally {
      for (const partition of partitions) if (isCurrent(partition)) partition.lookUpEnded()
      this.#events.onDone()
    }
  }

  #found(partition: FetchPartition, offset: number): void {
    const { lost } = partition
    partition.moveTo(offset)
    if (lost !== undefined) this.#events.onReplaced(partition, lost, offset)
  }

  #request(partitions: readonly FetchPartition[]) {
    const topics = new Map<string, FetchPartition[]>()
    for (const partition of partitions) {
      const list = topics.get(partition.topic)
      if (list === undefined) topics.set(partition.topic, [partition])
      else list.push(partition)
    }
    return {
      replicaId: -1,
      isolationLevel: this.#isolationLevel,
      topics: Array.from(topics, ([name, list]) => ({
        name,
        partitions: list.map(({ partition, pendingStart }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: this.#cluster.leaderOf(name, partition)?.leaderEpoch ?? -1,
          timestamp: placeTimestamp(pendingStart as OffsetPlace),
        })),
      })),
    }
  }
}
