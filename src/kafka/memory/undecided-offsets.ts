import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { TopicPartition } from '../port.ts'
import type { GroupOffsets } from './group-offsets.ts'
import type { Waits } from './waits.ts'

/** The default `requestTimeoutMs` of the wire driver, which asks for so long. */
const maxWaitMs = 30_000

/**
 * Resolves when no open transaction has offsets in the partitions. Rejects with UNSTABLE_OFFSET_COMMIT (retriable) after
 * 30 s.
 */
export async function untilDecided(
  clock: Clock,
  offsets: GroupOffsets,
  partitions: readonly TopicPartition[],
  waits: Waits,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + maxWaitMs
  for (;;) {
    const pending = offsets.firstPending(partitions)
    if (pending === undefined) return
    const leftMs = deadlineMs - clock.monotonicMs()
    if (leftMs <= 0) throw undecided(pending)
    await waits.wait(clock, leftMs, (end) => [offsets.onceDecided(end)])
  }
}

function undecided({ topic, partition }: TopicPartition): MillraceError {
  return new MillraceError(
    'UNSTABLE_OFFSET_COMMIT',
    'retriable',
    `the committed offset of ${topic}-${partition} depends on an open transaction: try again when it has ended`,
    { details: { topic, partition } },
  )
}

/** Of an offset in a partition that is not there. */
export function uncommittable({ topic, partition }: TopicPartition): MillraceError {
  return new MillraceError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    'retriable',
    `an offset of ${topic}-${partition} cannot be committed: there is no such partition`,
    { details: { topic, partition } },
  )
}
