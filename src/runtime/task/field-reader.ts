import type { Headers } from '../../core/headers.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { readsInPlace } from '../../serde/reads-in-place.ts'
import type { SourceNode } from '../../topology/node.ts'
import { decodeChange } from './change-codec.ts'

/** Reads the keys or the values of one batch. null stays null, without a serde. Throws what the serde throws. */
export type FieldReader = (index: number, headers: Headers) => unknown

export function keysOf({ key: serde }: Pick<SourceNode, 'key'>, batch: RecordBatch): FieldReader {
  const { topic, places } = batch
  if (places !== undefined && readsInPlace(serde)) {
    const { keys } = places
    const reader = serde.readBatch(keys, topic)
    return (index, headers) => (keys.length(index) < 0 ? null : reader.read(index, headers))
  }
  return (index, headers) => {
    const bytes = batch.key(index)
    return bytes === null ? null : serde.deserialize(bytes, topic, headers)
  }
}

/** A value of a repartitioned table is a change. Its reader throws CHANGE_MALFORMED, too. */
export function valuesOf(
  { value: serde, changes }: Pick<SourceNode, 'value' | 'changes'>,
  batch: RecordBatch,
): FieldReader {
  const { topic, places } = batch
  if (places !== undefined && !changes && readsInPlace(serde)) {
    const { values } = places
    const reader = serde.readBatch(values, topic)
    return (index, headers) => (values.length(index) < 0 ? null : reader.read(index, headers))
  }
  return (index, headers) => {
    const bytes = batch.value(index)
    if (bytes === null) return null
    return changes ? decodeChange(bytes, serde, topic, headers) : serde.deserialize(bytes, topic, headers)
  }
}
