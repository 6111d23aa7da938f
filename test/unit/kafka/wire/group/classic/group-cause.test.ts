import { describe, expect, test } from '@jest/globals'
import { causeOf } from '../../../../../../src/kafka/wire/group/classic/group-cause.ts'
import type { MemberState } from '../../../../../../src/kafka/wire/group/classic/group-user-data.ts'

function stateOf(cause: string, generation = 7): MemberState {
  return {
    processId: 'p',
    topologyHash: 'h',
    generation,
    active: [],
    standby: [],
    lags: new Map(),
    applicationServer: '',
    positions: new Map(),
    tags: {},
    asksForShutdown: false,
    cause,
  }
}

const group = (causes: Readonly<Record<string, string>>) =>
  new Map(Object.entries(causes).map(([memberId, cause]) => [memberId, stateOf(cause)]))

const both = new Set(['a', 'b'])
const itself = (memberId: string) => memberId

describe('why all members of a classic group have joined', () => {
  test.each(['member-joined', 'member-fenced', 'topics-changed', 'tasks-given-back', 'state-caught-up', 'probing'])(
    'the others hear what one member says: %s',
    (cause) => {
      expect(causeOf(group({ a: '', b: cause }), both, itself)).toEqual({ cause, detail: 'b' })
    },
  )

  test('a member that is gone is found by its absence', () => {
    expect(causeOf(group({ a: '' }), both, itself)).toEqual({ cause: 'member-left', detail: 'b' })
  })

  test('a static member that came back under another member id is not gone', () => {
    const instance = (memberId: string) => memberId.replace(/-\d$/, '')
    const states = group({ 'pod-2': '', other: 'probing' })
    expect(causeOf(states, new Set(['pod', 'other']), instance)).toEqual({ cause: 'probing', detail: 'other' })
  })

  test('without any sign it was the leader before, whom the new one does not know', () => {
    expect(causeOf(group({ a: '', b: '' }), undefined, itself)).toEqual({
      cause: 'member-left',
      detail: 'the member that assigned the tasks before',
    })
  })

  test('without any sign in a group that is complete nobody knows', () => {
    expect(causeOf(group({ a: '', b: '' }), both, itself)).toEqual({ cause: 'unknown', detail: '' })
  })

  test('several members that come together are one cause', () => {
    const joined = group({ a: '', c: 'member-joined', d: 'member-joined' })
    expect(causeOf(joined, both, itself)).toEqual({ cause: 'member-joined', detail: 'c, d' })
  })

  test('a member of an older version that has no generation has just joined', () => {
    const states = new Map([
      ['a', stateOf('')],
      ['b', stateOf('', -1)],
    ])
    expect(causeOf(states, new Set('a'), itself)).toEqual({ cause: 'member-joined', detail: 'b' })
  })

  test('a word that this version does not know is no cause', () => {
    expect(causeOf(group({ a: 'moonlight' }), new Set('a'), itself)).toEqual({ cause: 'unknown', detail: '' })
  })
})
