import type {
  FetchForgottenTopicRequest,
  FetchPartitionRequest,
  FetchTopicRequest,
} from '../protocol/generated/fetch.ts'

/** A partition as one fetch asks for it. */
export interface WantedPartition extends FetchPartitionRequest {
  readonly topicId: string
  readonly lastFetchedEpoch: number
}

export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics: readonly FetchTopicRequest[]
  readonly forgottenTopicsData: readonly FetchForgottenTopicRequest[]
}

const largestEpoch = 0x7fffffff

/**
 * The incremental fetch session with one broker (KIP-227): after a full request only what changed is named. Without a
 * session, which a broker may refuse, every request is full.
 */
export class FetchSession {
  #id = 0
  #epoch = 0
  #known = new Map<string, WantedPartition>()
  #asked = new Map<string, WantedPartition>()

  /** The request that makes the session's partitions equal to `wanted`. */
  next(wanted: readonly WantedPartition[]): SessionRequest {
    this.#asked = new Map(wanted.map((each) => [sessionKey(each.topicId, each.partition), each]))
    if (this.#epoch === 0) {
      return { sessionId: this.#id, sessionEpoch: 0, topics: byTopic(wanted), forgottenTopicsData: [] }
    }
    const changed = wanted.filter((each) => !isSame(this.#known.get(sessionKey(each.topicId, each.partition)), each))
    const dropped = [...this.#known].filter(([key]) => !this.#asked.has(key)).map(([, each]) => each)
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: byTopic(changed),
      forgottenTopicsData: forgotten(dropped),
    }
  }

  /** The broker took the request: `sessionId` 0 means that it keeps no session. */
  accept(sessionId: number): void {
    this.#known = this.#asked
    this.#id = sessionId
    if (sessionId === 0) this.#epoch = 0
    else this.#epoch = this.#epoch === largestEpoch ? 1 : this.#epoch + 1
  }

  /**
   * Whether the broker took the last request is unknown, or it did not: the next one closes this session and starts a
   * new one.
   */
  reset(): void {
    this.#epoch = 0
    this.#known = new Map()
  }

  /** The broker does not know the session. */
  forget(): void {
    this.reset()
    this.#id = 0
  }
}

function sessionKey(topicId: string, partition: number): string {
  return `${topicId}${partition}`
}

function isSame(known: WantedPartition | undefined, wanted: WantedPartition): boolean {
  return (
    known !== undefined &&
    known.fetchOffset === wanted.fetchOffset &&
    known.currentLeaderEpoch === wanted.currentLeaderEpoch &&
    known.lastFetchedEpoch === wanted.lastFetchedEpoch &&
    known.partitionMaxBytes === wanted.partitionMaxBytes
  )
}

function byTopic(partitions: readonly WantedPartition[]): FetchTopicRequest[] {
  const topics = new Map<string, FetchPartitionRequest[]>()
  for (const { topicId, ...partition } of partitions) {
    const list = topics.get(topicId)
    if (list === undefined) topics.set(topicId, [partition])
    else list.push(partition)
  }
  return Array.from(topics, ([topicId, list]) => ({ topicId, partitions: list }))
}

function forgotten(partitions: readonly WantedPartition[]): FetchForgottenTopicRequest[] {
  return byTopic(partitions).map((topic) => ({
    topicId: topic.topicId,
    partitions: topic.partitions.map((each) => each.partition),
  }))
}
