/** One partition of a topic. */
export interface TopicPartition {
  /** The name of the topic. */
  readonly topic: string
  /** The number of the partition; the first is 0. */
  readonly partition: number
}

/** The map key of a partition. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

export type OffsetReset = 'earliest' | 'latest' | 'none'
/** A place in a log: its start, its end, or the first record at or after a time (the end where there is none). */
export type OffsetPlace = 'earliest' | 'latest' | { readonly timestampMs: number }
export type StartOffset = number | OffsetPlace
export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/** A committed position of one partition. */
export interface OffsetAndMetadata extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number
  /** Free text kept with the offset; '' when there is none. */
  readonly metadata: string
}

/**
 * The position was not in the log, and reading continued elsewhere by `offsetReset`.
 * - `deleted`: the log begins behind it; what lies between `from` and `to` was deleted before it was read
 * - `beyond-end`: the log ends before it
 * - `truncated`: what was read from `to` on was lost by an unclean leader election
 * - `recreated`: the topic was deleted and created again; unread records of the old one are lost
 */
export type PositionLossKind = 'deleted' | 'beyond-end' | 'truncated' | 'recreated'

export interface PositionLoss extends TopicPartition {
  readonly kind: PositionLossKind
  /** The offset that was to be read next. */
  readonly from: number
  /** The offset at which reading continues. */
  readonly to: number
}

/** Where to begin reading. */
export interface StartPosition extends TopicPartition {
  readonly offset: StartOffset
  /** Of the topic that a numeric offset is of, where that is known: in another topic of the name it means nothing. */
  readonly topicId?: string | undefined
}
