import { MillraceError } from '../core/errors.ts'
import type { Bytes } from '../core/bytes.ts'
import type { SinkRejection } from '../sinks/port.ts'
import { deadLetterOf } from './dead-letters.ts'
import type { DropLog } from './drop-log.ts'
import type { RecordCollector } from './record-collector.ts'

function bytesOf(value: unknown): Bytes | null {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return value
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8')
}

/** What a sink refuses for good: counted, logged, and a dead letter with the document as JSON where a topic is configured. */
export function rejectInto(
  taskId: string,
  sinkName: string,
  deadLetterTopic: string | undefined,
  collector: RecordCollector,
  drops: DropLog,
): (rejection: SinkRejection) => void {
  return ({ record, reason, code }) => {
    const { topic, partition, offset, timestamp, headers } = record
    drops.drop(`refused by sink ${sinkName}`, sinkName, () => ({ topic, partition, offset, code, error: reason }))
    if (deadLetterTopic === undefined) return
    const rawKey = bytesOf(record.key)
    const rawValue = bytesOf(record.value)
    const context = {
      taskId,
      topic,
      partition,
      offset,
      timestamp,
      headers,
      rawKey,
      rawValue,
      nodeName: sinkName,
      deadLetterTopic,
    }
    collector.deadLetter(deadLetterOf(new MillraceError(code, 'record', reason), context, deadLetterTopic))
  }
}
