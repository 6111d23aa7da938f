import type { Writer } from '../../src/kafka/wire/protocol/writer.ts'
import { type MockAnswer, type MockBroker, mockTopicId } from './mock-broker.ts'

/** A produce answer, version 9, for one partition of a topic, 0 by default. */
export function produceAnswer(
  topic: string,
  more: {
    readonly partition?: number
    readonly errorCode?: number
    readonly throttleMs?: number
    readonly recordErrors?: readonly { readonly index: number; readonly message: string }[]
    readonly message?: string
  } = {},
): MockAnswer {
  const partition = (writer: Writer): void => {
    writer.int32(more.partition ?? 0)
    writer.int16(more.errorCode ?? 0)
    writer.int64(0)
    writer.int64(-1)
    writer.int64(0)
    writer.compactArray(
      [...(more.recordErrors ?? [])],
      (each, _version, { index, message }) => {
        each.int32(index)
        each.nullableCompactString(message)
        each.uvarint(0)
      },
      9,
    )
    writer.nullableCompactString(more.message ?? null)
    writer.uvarint(0)
  }
  return (writer) => {
    writer.uvarint(2)
    writer.compactString(topic)
    writer.uvarint(2)
    partition(writer)
    writer.uvarint(0)
    writer.int32(more.throttleMs ?? 0)
    writer.uvarint(0)
  }
}

/** A fetch answer, version 13, that brings no records. */
export function emptyFetchAnswer(errorCode = 0): MockAnswer {
  return (writer) => {
    writer.int32(0)
    writer.int16(errorCode)
    writer.int32(0)
    writer.uvarint(1)
    writer.uvarint(0)
  }
}

/** A fetch answer, version 13, without records, that tells where partition 0 of the mock's topic ends. */
export function endOffsetAnswer(endOffset: number): MockAnswer {
  return partitionAnswer(endOffset, null)
}

/** A fetch answer, version 13, with these bytes of partition 0 of the mock's topic. */
export function recordsAnswer(bytes: Uint8Array): MockAnswer {
  return partitionAnswer(1, bytes)
}

function partitionAnswer(endOffset: number, records: Uint8Array | null): MockAnswer {
  return (writer) => {
    writer.int32(0)
    writer.int16(0)
    writer.int32(0)
    writer.uvarint(2)
    writer.uuid(mockTopicId)
    writer.uvarint(2)
    writer.int32(0)
    writer.int16(0)
    for (const offset of [endOffset, endOffset, 0]) writer.int64(offset)
    writer.uvarint(0)
    writer.int32(-1)
    writer.nullableCompactBytes(records)
    for (let tags = 0; tags < 3; tags++) writer.uvarint(0)
  }
}

/** A coordinator answer, version 4. */
export function coordinatorAnswer(key: string, broker: MockBroker): MockAnswer {
  return (writer) => {
    writer.int32(0)
    writer.uvarint(2)
    writer.compactString(key)
    writer.int32(broker.nodeId)
    writer.compactString('127.0.0.1')
    writer.int32(broker.port)
    writer.int16(0)
    writer.nullableCompactString(null)
    writer.uvarint(0)
    writer.uvarint(0)
  }
}

/** An offset commit answer, version 8, for partition 0 of a topic. */
export function commitAnswer(topic: string, errorCode = 0): MockAnswer {
  return (writer) => {
    writer.int32(0)
    writer.uvarint(2)
    writer.compactString(topic)
    writer.uvarint(2)
    writer.int32(0)
    writer.int16(errorCode)
    writer.uvarint(0)
    writer.uvarint(0)
    writer.uvarint(0)
  }
}
