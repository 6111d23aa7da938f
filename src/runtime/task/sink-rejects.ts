import { inspect } from 'node:util'
import { MillraceError, consequenceOf, errorMessage } from '../../core/errors.ts'
import type { Bytes } from '../../core/bytes.ts'
import { writtenBytes } from '../../sinks/document.ts'
import type { SinkRejection } from '../../sinks/port.ts'
import { deadLetterOf } from '../errors/dead-letters.ts'
import type { Topology } from '../../topology/topology.ts'
import type { Settings } from '../settings.ts'
import { type DropLog, fateOf } from './drop-log.ts'
import type { RecordCollector } from './record-collector.ts'

export interface RejectOptions {
  readonly settings: Pick<Settings, 'applicationId' | 'deadLetterTopic'>
  readonly topology: Pick<Topology, 'hash'>
  readonly taskId: string
  readonly sinkName: string
  readonly collector: RecordCollector
  readonly drops: DropLog
}

/** Bytes and text as they are, anything else as JSON, and as text for people where it has no form in JSON. */
function bytesOf(value: unknown): Bytes | null {
  if (value === null || value === undefined) return null
  try {
    const written = writtenBytes(value)
    if (written instanceof Uint8Array) return written
  } catch {
    // A view that cannot be read: report how it looks instead.
  }
  return Buffer.from(typeof value === 'string' ? value : textOf(value))
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? inspected(value)
  } catch {
    return inspected(value)
  }
}

function inspected(value: unknown): string {
  try {
    return inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null })
  } catch {
    return `a ${typeof value} that cannot be shown`
  }
}

/**
 * What a sink refuses for good: counted, logged, and a dead letter where a topic is configured. Its value is the
 * document: keeping the source's bytes would keep whole fetched batches while a target is unreachable.
 */
export function rejectInto({
  settings: { applicationId, deadLetterTopic },
  topology,
  taskId,
  sinkName,
  collector,
  drops,
}: RejectOptions): (rejection: SinkRejection) => void {
  return ({ record, reason, code }) => {
    const { topic, partition, offset, timestamp, headers } = record
    const fields = () => ({ partition, offset, code, error: reason })
    drops.drop(`refused by sink ${sinkName}`, sinkName, topic, fields, fateOf(deadLetterTopic !== undefined))
    if (deadLetterTopic === undefined) return
    const context = {
      applicationId,
      topologyHash: topology.hash(),
      taskId,
      topic,
      partition,
      offset,
      timestamp,
      headers,
      rawKey: bytesOf(record.key),
      rawValue: bytesOf(record.value),
      nodeName: sinkName,
      deadLetterTopic,
    }
    const error = new MillraceError<string>(code, 'record', `sink ${sinkName} refused the document: ${reason}`)
    const letter = deadLetterOf(error, context, deadLetterTopic)
    try {
      collector.deadLetter(letter)
    } catch (cause) {
      // Only the document is lost to the letter; what is wrong with the producer ends the interval.
      if (consequenceOf(cause) !== 'record') throw cause
      drops.drop('dead letter refused', sinkName, topic, () => ({ partition, offset, error: errorMessage(cause) }))
    }
  }
}
