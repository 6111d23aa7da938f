import type { SinkRecord } from './port.ts'

/**
 * A document's identity: no other document of the sink has it, and the same document of a second delivery does. For what
 * a record gives at once it is `topic-partition-offset`, with `-sequence` behind it for the second and later ones.
 */
export function documentId({ topic, partition, offset, sequence, identity }: SinkRecord): string {
  const id = identity ?? `${topic}-${partition}-${offset}`
  return sequence === 0 ? id : `${id}-${sequence}`
}
