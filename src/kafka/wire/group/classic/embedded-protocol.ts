import { decodeConsumerProtocolAssignment } from '../../protocol/generated/consumer-protocol-assignment.ts'
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

/** The user data that the leader added for a member to its assignment. Throws for bytes that no consumer wrote. */
export function assignmentUserData(bytes: Uint8Array): Uint8Array | null {
  const reader = readerOf(bytes)
  const version = reader.int16()
  return decodeConsumerProtocolAssignment(reader, Math.min(version, consumerProtocolVersion)).userData
}

function readerOf(bytes: Uint8Array): Reader {
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
