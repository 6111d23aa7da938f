import { describe, expect, test } from '@jest/globals'
import { protocolError, protocolErrorKind } from '../../../../../src/kafka/wire/connection/protocol-errors.ts'
import { javaErrors } from './java-errors.ts'

/** Where we decide otherwise than the Java client's exception classes, each for a reason. */
const retriableHereOnly = new Set([
  'BROKER_NOT_AVAILABLE', // another broker may be
  'TRANSACTION_COORDINATOR_FENCED', // a new coordinator takes over
  'OPERATION_NOT_ATTEMPTED', // it failed because of its neighbours
  'REBOOTSTRAP_REQUIRED', // that is what a retry does
])
const known = javaErrors.filter(([code]) => !protocolErrorKind(code).name.startsWith('KAFKA_ERROR_'))

describe('the error table', () => {
  test.each(known)('names code %d as Kafka does: %s', (code, name) => {
    expect(protocolErrorKind(code).name).toBe(name)
  })

  test.each(known)('calls code %d (%s) retriable where the Java client does', (code, name, isRetriable) => {
    const expected = isRetriable || retriableHereOnly.has(name)
    expect(protocolErrorKind(code).consequence === 'retriable').toBe(expected)
  })

  test('refreshes metadata only where the Java client does', () => {
    const refreshing = known.filter(([code]) => protocolErrorKind(code).refreshMetadata)
    expect(refreshing.filter(([, , , asksForMetadata]) => !asksForMetadata)).toEqual([])
    expect(refreshing.map(([, name]) => name)).toContain('NOT_LEADER_OR_FOLLOWER')
  })

  test('knows every code that a request of ours may meet', () => {
    const unknown = javaErrors.filter(([code]) => protocolErrorKind(code).name.startsWith('KAFKA_ERROR_'))
    const ours =
      /TOPIC|PARTITION|OFFSET|LEADER|COORDINATOR|MEMBER|GROUP_|SASL|AUTHORIZATION|FETCH|RECORD_LIST|PRODUCER|SEQUENCE/
    const notOurs = /REASSIGNMENT|ELECTION|ELIGIBLE|DELEGATION|SHARE|SNAPSHOT|INELIGIBLE|NEW_LEADER|POSITION/
    expect(unknown.map(([, name]) => name).filter((name) => ours.test(name) && !notOurs.test(name))).toEqual([])
  })

  test('treats a code of a later Kafka as fatal and names it', () => {
    expect(protocolError(9999, 'fetch of t-0')).toMatchObject({
      code: 'KAFKA_ERROR_9999',
      consequence: 'fatal',
      message: expect.stringContaining('fetch of t-0'),
    })
  })

  test('makes errors that say what was tried, why it failed and where', () => {
    const error = protocolError(29, 'fetch of t-0', { topic: 't', partition: 0 })
    expect(error.message).toBe(
      'fetch of t-0: this principal may not do that on the topic: add an ACL [TOPIC_AUTHORIZATION_FAILED]',
    )
    expect(error.details).toEqual({ topic: 't', partition: 0 })
  })
})
