import { MillraceError } from '../core/errors.ts'
import type { TopicPartition } from './port.ts'

/** For both drivers: an assigned topic has been missing for too long. */
export function topicMissing({ topic, partition }: TopicPartition, afterMs: number): MillraceError {
  return new MillraceError(
    'UNKNOWN_TOPIC',
    'fatal',
    `topic ${topic} of assigned partition ${partition} has been missing for ${Math.round(afterMs)} ms: create it, or unassign the partition`,
    { details: { topic, partition } },
  )
}

/** For both drivers: the position is not in the log, and no setting says where to continue. */
export function outOfRange({ topic, partition }: TopicPartition, offset: number): MillraceError {
  return new MillraceError(
    'OFFSET_OUT_OF_RANGE',
    'fatal',
    `offset ${offset} of ${topic}-${partition} is outside the log and offsetReset is 'none': seek to an offset that exists`,
    { details: { topic, partition, offset } },
  )
}

/** For both drivers: the topic was deleted and created again, and no setting says where to continue. */
export function topicRecreated({ topic, partition }: TopicPartition, offset: number): MillraceError {
  return new MillraceError(
    'TOPIC_RECREATED',
    'fatal',
    `topic ${topic} was deleted and created again, offset ${offset} of partition ${partition} belongs to the old topic, and offsetReset is 'none': assign the partition again, at an offset of the new topic`,
    { details: { topic, partition, offset } },
  )
}
