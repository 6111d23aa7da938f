import { MillraceError } from '../../core/errors.ts'
import type { Admin, OffsetAndMetadata, OffsetPlace, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import { logBounds, offsetsAt } from '../../worker/cluster-state.ts'

/** Where a group is to begin in its input topics. */
export type OffsetTarget =
  | { readonly kind: 'place'; readonly place: OffsetPlace }
  /** Relative to what is committed; a partition without a commit stays as it is. */
  | { readonly kind: 'shift'; readonly by: number }
  /** Offsets by `topic-partition`; partitions that are not named stay as they are. */
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<string, number> }

/** A partition whose committed offset changes. */
export interface OffsetMove extends TopicPartition {
  readonly from: number | undefined
  readonly to: number
}

/**
 * The moves that bring a group to its target, each within what the log holds now. Rejects with OFFSETS_FILE for a
 * partition of the file that is no input.
 */
export async function offsetMoves(
  admin: Admin,
  partitions: readonly TopicPartition[],
  committed: readonly OffsetAndMetadata[],
  target: OffsetTarget,
): Promise<readonly OffsetMove[]> {
  const { starts, ends } = await logBounds(admin, partitions)
  const places = target.kind === 'place' ? await offsetsAt(admin, partitions, target.place) : undefined
  if (target.kind === 'offsets') refuseUnknown(target.offsets, partitions)
  const current = new Map(committed.map((entry) => [partitionKey(entry.topic, entry.partition), entry.offset]))
  return partitions.flatMap(({ topic, partition }) => {
    const key = partitionKey(topic, partition)
    const from = current.get(key)
    const wanted = wantedOffset(target, from, key, places)
    if (wanted === undefined) return []
    const to = Math.min(Math.max(wanted, starts.get(key) ?? 0), ends.get(key) ?? 0)
    return [{ topic, partition, from, to }]
  })
}

function wantedOffset(
  target: OffsetTarget,
  from: number | undefined,
  key: string,
  places: ReadonlyMap<string, number> | undefined,
): number | undefined {
  switch (target.kind) {
    case 'place':
      return places?.get(key)
    case 'shift':
      return from === undefined ? undefined : from + target.by
    case 'offsets':
      return target.offsets.get(key)
  }
}

function refuseUnknown(offsets: ReadonlyMap<string, number>, partitions: readonly TopicPartition[]): void {
  const inputs = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)))
  const unknown = [...offsets.keys()].filter((key) => !inputs.has(key))
  if (unknown.length === 0) return
  const text = `the offsets file names ${unknown.join(', ')}, which the topology does not read: remove them, or check the module`
  throw new MillraceError('OFFSETS_FILE', 'fatal', text)
}
