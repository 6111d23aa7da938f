import type { SinkRecord } from './port.ts'

/**
 * The identity of a document: unique within the sink, and the same when the document is delivered again. For a document
 * that a record causes directly it is `topic-partition-offset`, with the suffix `-sequence` for the second and later
 * documents.
 */
export function documentId({ topic, partition, offset, sequence, identity }: SinkRecord): string {
  const id = identity ?? `${topic}-${partition}-${offset}`
  return sequence === 0 ? id : `${id}-${sequence}`
}
