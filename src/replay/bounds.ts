import { partitionKey, type TopicPartition } from '../kafka/port.ts'
import type { ReplayPartition } from './plan.ts'

/** What is asked of one partition: offsets, or times; undefined: everything on that side. */
export interface AskedBounds {
  readonly fromOffset?: number | undefined
  readonly toOffset?: number | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** What the cluster answered about one partition, at one moment. */
export interface PartitionAnswer extends TopicPartition {
  /** The first offset of the log. */
  readonly earliest: number
  /** The last stable offset: nothing before it is in a transaction that is open. */
  readonly lastStable: number
  /** Of the first record at or after `fromMs`; the end of the log where there is none. */
  readonly atFrom?: number | undefined
  /** The same for `toMs`: a record that no older ones follow. */
  readonly atTo?: number | undefined
}

/**
 * Where one partition begins and ends. Pure. An end never lies before its start: a partition without a record in the
 * bounds is empty, and done at once.
 */
export function boundsOf(asked: AskedBounds, answer: PartitionAnswer): ReplayPartition {
  const { topic, partition } = answer
  const end = endOf(asked, answer)
  const start = startOf(asked, answer)
  const startOffset = Math.min(start.startOffset, answer.lastStable)
  return Object.freeze({
    topic,
    partition,
    ...start,
    startOffset,
    endOffset: Math.max(startOffset, end.endOffset),
    endRule: end.endRule,
  })
}

function startOf(
  { fromOffset, fromMs }: AskedBounds,
  { earliest, atFrom }: PartitionAnswer,
): Pick<ReplayPartition, 'startOffset' | 'startRule' | 'lost'> {
  if (fromOffset !== undefined) {
    if (fromOffset >= earliest) return { startOffset: fromOffset, startRule: 'offset' }
    return { startOffset: earliest, startRule: 'retention', lost: earliest - fromOffset }
  }
  if (fromMs !== undefined && atFrom !== undefined) {
    // The first record of a log that has lost some: whether those belonged to the time, nobody knows.
    if (earliest > 0 && atFrom <= earliest) return { startOffset: earliest, startRule: 'retention' }
    return { startOffset: atFrom, startRule: 'time' }
  }
  if (earliest === 0) return { startOffset: 0, startRule: 'earliest' }
  return { startOffset: earliest, startRule: 'retention', lost: earliest }
}

function endOf(
  { toOffset, toMs }: AskedBounds,
  { lastStable, atTo }: PartitionAnswer,
): Pick<ReplayPartition, 'endOffset' | 'endRule'> {
  if (toOffset !== undefined && toOffset <= lastStable) return { endOffset: toOffset, endRule: 'offset' }
  // With the first record behind the time: it closes what is due by then, also where a pause follows.
  if (toMs !== undefined && atTo !== undefined && atTo < lastStable) return { endOffset: atTo + 1, endRule: 'time' }
  return { endOffset: lastStable, endRule: 'last-stable' }
}

/** A sentence for each partition whose log begins after what was asked for. */
export function retentionWarnings(partitions: readonly ReplayPartition[]): readonly string[] {
  return partitions.flatMap(({ topic, partition, startOffset, startRule, lost }) => {
    if (startRule !== 'retention') return []
    const name = partitionKey(topic, partition)
    return lost === undefined
      ? [
          `${name} begins at offset ${startOffset}: earlier records were deleted, and some of them may belong to the requested range`,
        ]
      : [`${name} begins at offset ${startOffset}: ${lost} of the requested offsets were deleted`]
  })
}
