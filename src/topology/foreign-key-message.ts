import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import { forwarded } from '../serde/forwarded.ts'
import type { Serde } from '../serde/serde.ts'

/** The effect of a subscription on the side of the foreign key; the number is the byte on the wire. */
export const subscriptionInstruction = Object.freeze({
  deleteWithoutAnswer: 0,
  deleteAndAnswer: 1,
  answerAlways: 2,
  answerIfFound: 3,
} as const)

export type SubscriptionInstruction = (typeof subscriptionInstruction)[keyof typeof subscriptionInstruction]

/** A row's wish to hear of its foreign key: the value on the subscription topic and in the subscription store. */
export interface Subscription {
  /** 16 bytes of the row's value, as of now; null where the row has none. */
  readonly hash: Bytes | null
  readonly instruction: SubscriptionInstruction
  readonly primaryKey: unknown
  /** The partition of the left table that sent it, where the answer goes. undefined in messages of version 0. */
  readonly primaryPartition: number | undefined
}

/** The answer: the foreign row, with the hash of the value that asked, so that an outdated response is detected. */
export interface SubscriptionResponse {
  readonly hash: Bytes | null
  readonly foreignValue: unknown
  /** Where to; known when it is sent, not part of the bytes. */
  readonly primaryPartition: number | undefined
}

const hashLength = 16
const noHash = 0x80

/** Version, instruction, hash unless null, primary key, partition (version 1). */
export function subscriptionSerde(primaryKey: Serde<unknown>, primaryKeyTopic: string): Serde<unknown> {
  return Object.freeze({
    name: `subscription(${primaryKey.name})`,
    serialize(value: unknown, _topic: string, headers: Headers): Bytes {
      const { hash, instruction, primaryPartition, ...subscription } = value as Subscription
      const key = primaryKey.serialize(subscription.primaryKey, primaryKeyTopic, headers)
      const keyStart = 2 + (hash ? hashLength : 0)
      const hasPartition = primaryPartition !== undefined
      const bytes = new Uint8Array(keyStart + key.length + (hasPartition ? 4 : 0))
      bytes[0] = (hasPartition ? 1 : 0) | (hash ? 0 : noHash)
      bytes[1] = instruction
      if (hash) bytes.set(hash, 2)
      bytes.set(key, keyStart)
      if (hasPartition) new DataView(bytes.buffer).setInt32(keyStart + key.length, primaryPartition)
      return bytes
    },
    deserialize(bytes: Bytes, _topic: string, headers: Headers): Subscription {
      const hash = (bytes[0] ?? 0) & noHash ? null : bytes.subarray(2, 2 + hashLength)
      const keyEnd = primaryKeyEnd(bytes)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      return {
        hash,
        instruction: bytes[1] as SubscriptionInstruction,
        primaryKey: primaryKey.deserialize(primaryKeyOf(bytes), primaryKeyTopic, headers),
        primaryPartition: keyEnd < bytes.length ? view.getInt32(keyEnd) : undefined,
      }
    },
    ...forwarded(
      primaryKey,
      (bytes) => [primaryKeyOf(bytes)],
      () => primaryKeyTopic,
    ),
  })
}

function primaryKeyEnd(bytes: Bytes): number {
  return bytes.length - (((bytes[0] ?? 0) & 0x7f) > 0 ? 4 : 0)
}

function primaryKeyOf(bytes: Bytes): Bytes {
  return bytes.subarray(2 + ((bytes[0] ?? 0) & noHash ? 0 : hashLength), primaryKeyEnd(bytes))
}

/** Version 0, hash unless null, foreign value unless null. */
export function subscriptionResponseSerde(foreignValue: Serde<unknown>): Serde<unknown> {
  return Object.freeze({
    name: `subscription-response(${foreignValue.name})`,
    serialize(value: unknown, topic: string, headers: Headers): Bytes {
      const { hash, ...response } = value as SubscriptionResponse
      const absent = response.foreignValue === null || response.foreignValue === undefined
      const payload = absent ? new Uint8Array(0) : foreignValue.serialize(response.foreignValue, topic, headers)
      const payloadStart = 1 + (hash ? hashLength : 0)
      const bytes = new Uint8Array(payloadStart + payload.length)
      bytes[0] = hash ? 0 : noHash
      if (hash) bytes.set(hash, 1)
      bytes.set(payload, payloadStart)
      return bytes
    },
    deserialize(bytes: Bytes, topic: string, headers: Headers): SubscriptionResponse {
      const hash = (bytes[0] ?? 0) & noHash ? null : bytes.subarray(1, 1 + hashLength)
      const payload = payloadOf(bytes)
      const value = payload.length > 0 ? foreignValue.deserialize(payload, topic, headers) : null
      return { hash, foreignValue: value, primaryPartition: undefined }
    },
    ...forwarded(foreignValue, (bytes) => [payloadOf(bytes)].filter(({ length }) => length > 0)),
  })
}

function payloadOf(bytes: Bytes): Bytes {
  return bytes.subarray(1 + ((bytes[0] ?? 0) & noHash ? 0 : hashLength))
}
