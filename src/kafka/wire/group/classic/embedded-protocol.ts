import {
  type ConsumerProtocolAssignment,
  decodeConsumerProtocolAssignment,
} from '../../protocol/generated/consumer-protocol-assignment.ts'
import { decodeConsumerProtocolSubscription } from '../../protocol/generated/consumer-protocol-subscription.ts'
import { Reader } from '../../protocol/reader.ts'

/** Of Kafka's embedded consumer protocol, so that its tools can show our groups. */
export const consumerProtocolVersion = 3

/** The user data that a member added for the leader to its subscription. Throws for bytes that no consumer wrote. */
export function subscriptionUserData(bytes: Uint8Array): Uint8Array | null {
  const reader = readerOf(bytes)
  const version = reader.int16()
  return decodeConsumerProtocolSubscription(reader, Math.min(version, consumerProtocolVersion)).userData
}

/** What the leader assigned to a member. Throws for bytes that no consumer wrote. */
export function decodeAssignment(bytes: Uint8Array): ConsumerProtocolAssignment {
  const reader = readerOf(bytes)
  const version = reader.int16()
  return decodeConsumerProtocolAssignment(reader, Math.min(version, consumerProtocolVersion))
}

function readerOf(bytes: Uint8Array): Reader {
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
