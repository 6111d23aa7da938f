import type { SinkRecord } from './port.ts'

/**
 * The identity of a document: unique within the sink, and the same when the document is delivered again. For a document
 * that a record causes directly it is `topic-partition-offset`, with the suffix `-sequence` for the second and later
 * documents.
 */
export function documentId(record: SinkRecord): string {
  const { sequence, identity = recordId(record) } = record
  return sequence === 0 ? identity : `${identity}-${sequence}`
}

/** The identity of a record, as documents and the outputs of operators that hold records name their source. */
export function recordId({ topic, partition, offset }: Pick<SinkRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}-${partition}-${offset}`
}
