import type { Headers } from '../../core/headers.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import type { SourceNode } from '../../topology/node.ts'
import { readsInPlace } from '../../serde/reads-in-place.ts'
import { decodeChange } from './change-codec.ts'

/** Reads the key or the value of a record. null stays null, without a serde. Throws what the serde throws. */
export type FieldReader = (batch: RecordBatch, index: number, headers: Headers) => unknown

export function keyReader({ key: serde }: Pick<SourceNode, 'key'>): FieldReader {
  const ofView: FieldReader = (batch, index, headers) => {
    const bytes = batch.key(index)
    return bytes === null ? null : serde.deserialize(bytes, batch.topic, headers)
  }
  if (!readsInPlace(serde)) return ofView
  return (batch, index, headers) => {
    const { places } = batch
    if (places === undefined) return ofView(batch, index, headers)
    const length = places.keyLength(index)
    if (length < 0) return null
    const start = places.keyStart(index)
    return serde.deserializeRange(places.bytes, start, start + length, batch.topic, headers)
  }
}

/** A value of a repartitioned table is a change. Its reader throws CHANGE_MALFORMED, too. */
export function valueReader({ value: serde, changes }: Pick<SourceNode, 'value' | 'changes'>): FieldReader {
  const ofView: FieldReader = (batch, index, headers) => {
    const bytes = batch.value(index)
    if (bytes === null) return null
    return changes ? decodeChange(bytes, serde, batch.topic, headers) : serde.deserialize(bytes, batch.topic, headers)
  }
  if (changes || !readsInPlace(serde)) return ofView
  return (batch, index, headers) => {
    const { places } = batch
    if (places === undefined) return ofView(batch, index, headers)
    const length = places.valueLength(index)
    if (length < 0) return null
    const start = places.valueStart(index)
    return serde.deserializeRange(places.bytes, start, start + length, batch.topic, headers)
  }
}
