import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RebalanceCause } from '../../../../../../src/kafka/port.ts'
import {
  decodeMemberAssignment,
  decodeMemberState,
  encodeMemberAssignment,
  encodeMemberState,
} from '../../../../../../src/kafka/wire/group/classic/group-user-data.ts'

const tasks = fc.array(fc.record({ subtopology: fc.nat({ max: 99 }), partition: fc.nat({ max: 9999 }) }), {
  maxLength: 20,
})

const numbers = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.maxSafeNat())
  .map((entries) => new Map(Object.entries(entries)))

/** Kafka's string: an int16, then its bytes. */
const lengthOf = (text: string) => 2 + text.length
const emptyArrayBytes = 4
const boolBytes = 1

describe('what members and leader send to each other', () => {
  test('reads back: the state of a member', () => {
    const state = fc.record({
      processId: fc.string({ maxLength: 40 }),
      topologyHash: fc.string({ maxLength: 20 }),
      generation: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
      active: tasks,
      standby: tasks,
      applicationServer: fc.string({ maxLength: 40 }),
      lags: numbers,
      positions: numbers,
      tags: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { noNullPrototype: true }),
      asksForShutdown: fc.boolean(),
      cause: fc.string({ maxLength: 20 }),
    })
    fc.assert(fc.property(state, (value) => expect(decodeMemberState(encodeMemberState(value))).toEqual(value)))
  })

  test('reads what older members and leaders do not say as nothing', () => {
    const state = { processId: 'p', topologyHash: 'h', generation: 1, active: [], standby: [], lags: new Map() }
    const nothing = { applicationServer: '', positions: new Map(), tags: {}, asksForShutdown: false, cause: '' }
    const bytes = encodeMemberState({ ...state, ...nothing })
    const older = bytes.subarray(0, bytes.length - 2 * lengthOf('') - 2 * emptyArrayBytes - boolBytes)
    expect(decodeMemberState(older)).toEqual({ ...state, ...nothing })
    const tasks = { active: [], standby: [], rejoinAfterRevocation: true, errorCode: '', errorMessage: '' }
    const assignment = { ...tasks, topologyHash: '', warmup: [], rebalance: undefined }
    const assigned = encodeMemberAssignment(assignment)
    const olderLeader = assigned.subarray(0, assigned.length - 3 * lengthOf('') - emptyArrayBytes)
    expect(decodeMemberAssignment(olderLeader)).toEqual(assignment)
  })

  test('reads back: an assignment', () => {
    const assignment = fc.record({
      active: tasks,
      standby: tasks,
      warmup: tasks,
      rejoinAfterRevocation: fc.boolean(),
      errorCode: fc.string({ maxLength: 20 }),
      errorMessage: fc.string({ maxLength: 200 }),
      topologyHash: fc.string({ maxLength: 16 }),
      rebalance: fc.option(
        fc.record({
          cause: fc.constantFrom<RebalanceCause>('member-joined', 'topics-changed', 'unknown'),
          detail: fc.string({ maxLength: 40 }),
        }),
        { nil: undefined },
      ),
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
