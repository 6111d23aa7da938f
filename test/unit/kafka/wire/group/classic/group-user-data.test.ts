import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  decodeMemberAssignment,
  decodeMemberState,
  encodeMemberAssignment,
  encodeMemberState,
} from '../../../../../../src/kafka/wire/group/classic/group-user-data.ts'

const tasks = fc.array(fc.record({ subtopology: fc.nat({ max: 99 }), partition: fc.nat({ max: 9999 }) }), {
  maxLength: 20,
})

describe('what members and leader send to each other', () => {
  test('reads back: the state of a member', () => {
    const state = fc.record({
      processId: fc.string({ maxLength: 40 }),
      topologyHash: fc.string({ maxLength: 20 }),
      generation: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
      active: tasks,
      standby: tasks,
      applicationServer: fc.string({ maxLength: 40 }),
      lags: fc.dictionary(fc.string({ maxLength: 8 }), fc.maxSafeNat()).map((lags) => new Map(Object.entries(lags))),
    })
    fc.assert(fc.property(state, (value) => expect(decodeMemberState(encodeMemberState(value))).toEqual(value)))
  })

  test('reads a member that does not say where it answers queries, as older ones', () => {
    const state = { processId: 'p', topologyHash: 'h', generation: 1, active: [], standby: [], lags: new Map() }
    const bytes = encodeMemberState({ ...state, applicationServer: 'host:9464' })
    const older = bytes.subarray(0, bytes.length - 2 - 'host:9464'.length)
    expect(older).toEqual(encodeMemberState({ ...state, applicationServer: '' }))
    expect(decodeMemberState(older)?.applicationServer).toBe('')
  })

  test('reads back: an assignment', () => {
    const assignment = fc.record({
      active: tasks,
      standby: tasks,
      rejoinAfterRevocation: fc.boolean(),
      errorCode: fc.string({ maxLength: 20 }),
      errorMessage: fc.string({ maxLength: 200 }),
      topologyHash: fc.string({ maxLength: 16 }),
    })
    fc.assert(
      fc.property(assignment, (value) => expect(decodeMemberAssignment(encodeMemberAssignment(value))).toEqual(value)),
    )
  })

  test.each([null, new Uint8Array(0), new Uint8Array([99, 1, 2, 3])])(
    'of another client or layout is not read: %p',
    (bytes) => {
      expect([decodeMemberState(bytes), decodeMemberAssignment(bytes)]).toEqual([undefined, undefined])
    },
  )
})
