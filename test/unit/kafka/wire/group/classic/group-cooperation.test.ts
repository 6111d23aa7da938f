import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type TaskId, taskIdText } from '../../../../../../src/kafka/port.ts'
import {
  asksForFollowUp,
  assignCooperatively,
  undisputedActives,
} from '../../../../../../src/kafka/wire/group/classic/group-cooperation.ts'
import type { ChangelogEnds } from '../../../../../../src/kafka/assignment/changelog-ends.ts'
import { GroupEvents } from '../../../../../../src/kafka/wire/group/group-events.ts'
import type { MemberState } from '../../../../../../src/kafka/wire/group/classic/group-user-data.ts'

const subtopologies = [
  { id: 0, partitions: 5, stateful: true },
  { id: 1, partitions: 4, stateful: false },
]

const rules = {
  standbyReplicas: 1,
  acceptableRecoveryLag: 10_000,
  maxWarmupReplicas: 2,
  rackAwareAssignmentTags: [],
}
/** Little state: tasks move at once. */
const ends = new Map(
  [0, 1, 2, 3, 4].map((partition): [string, ChangelogEnds] => [`0_${partition}`, { first: 0, next: 100 }]),
)

interface Member {
  readonly processId: string
  readonly events: GroupEvents
}

type Group = Map<string, Member>

function stateOf({ processId, events }: Member): MemberState {
  return {
    processId,
    topologyHash: 'h',
    generation: 1,
    active: events.active,
    standby: events.standby,
    lags: new Map(),
    applicationServer: '',
    positions: new Map(),
    tags: {},
    asksForShutdown: false,
    cause: '',
  }
}

/** One rebalance in which every member takes part; true when the leader wants a follow-up. */
function rebalance(group: Group, followUps: number): boolean {
  const states = new Map([...group].map(([memberId, member]) => [memberId, stateOf(member)]))
  const begun = assignCooperatively({ subtopologies, ends, rules }, states, followUps)
  expectNoConflict(states, begun)
  for (const [memberId, { events }] of group) {
    const assignment = begun.byMember.get(memberId)
    events.moveTo(assignment?.active ?? [], assignment?.standby ?? [], 1000)
  }
  for (const { events } of group.values()) {
    while (events.next() !== undefined) events.acknowledge()
  }
  return asksForFollowUp(begun)
}

type Begun = ReturnType<typeof assignCooperatively>

/** Whatever the order of acknowledging: what a member may begin, no other has, nor may begin. */
function expectNoConflict(states: ReadonlyMap<string, MemberState>, begun: Begun): void {
  for (const [memberId, { active, standby }] of begun.byMember) {
    for (const [otherId, other] of states) {
      if (otherId === memberId) continue
      const isSameProcess = other.processId === states.get(memberId)?.processId
      const othersActive = [...other.active, ...(begun.byMember.get(otherId)?.active ?? [])]
      const othersStandby = [...other.standby, ...(begun.byMember.get(otherId)?.standby ?? [])]
      expect(common(active, othersActive)).toEqual([])
      if (isSameProcess) expect(common([...active, ...standby], [...othersActive, ...othersStandby])).toEqual([])
    }
  }
}

function common(left: readonly TaskId[], right: readonly TaskId[]): readonly string[] {
  const others = new Set(right.map(taskIdText))
  return left.map(taskIdText).filter((id) => others.has(id))
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('join', 'leave'),
    member: fc.nat({ max: 5 }),
    processId: fc.constantFrom('p1', 'p2', 'p3'),
  }),
  { minLength: 1, maxLength: 12 },
)

type Change = { readonly kind: string; readonly member: number; readonly processId: string }

/** What chases its standbys needs four rebalances, then some in which the actives settle, and one that adds the standbys. */
const rebalancesMax = 9

function play(changes: readonly Change[]): void {
  const group: Group = new Map()
  for (const { kind, member, processId } of changes) {
    if (kind === 'leave') group.delete(`m${member}`)
    else if (!group.has(`m${member}`)) group.set(`m${member}`, { processId, events: new GroupEvents() })
    if (group.size === 0) continue
    let followUps = 0
    while (rebalance(group, followUps)) expect(++followUps).toBeLessThan(rebalancesMax)
    const running = [...group.values()].flatMap(({ events }) => events.active.map(taskIdText)).sort()
    const all = subtopologies.flatMap(({ id, partitions }) =>
      Array.from({ length: partitions }, (_, index) => `${id}_${index}`),
    )
    expect(running).toEqual(all)
  }
}

const join = (member: number, processId: string): Change => ({ kind: 'join', member, processId })
const leave = (member: number): Change => ({ kind: 'leave', member, processId: '' })

describe('cooperative rebalances', () => {
  test('never run a task twice, and come to an end with every task running', () => {
    fc.assert(fc.property(steps, play), { numRuns: 200 })
  })

  test.each<[string, readonly Change[]]>([
    [
      'two processes',
      [join(2, 'p2'), join(1, 'p2'), join(0, 'p1'), join(4, 'p1'), leave(4), join(4, 'p1'), join(3, 'p2'), leave(2)],
    ],
    [
      'three members of a process',
      [join(3, 'p1'), join(4, 'p3'), join(1, 'p1'), join(2, 'p3'), join(0, 'p1'), leave(3)],
    ],
  ])('whose standbys chased each other come to an end: %s', (_, changes) => {
    play(changes)
  })

  test('of two members that claim a task the one of the later generation owns it', () => {
    const task: TaskId = { subtopology: 0, partition: 0 }
    const state = {
      processId: 'p',
      topologyHash: 'h',
      standby: [],
      lags: new Map<string, number>(),
      applicationServer: '',
      positions: new Map<string, number>(),
      tags: {},
      asksForShutdown: false,
      cause: '',
    }
    const owned = undisputedActives(
      new Map([
        ['early', { ...state, active: [task], generation: 3 }],
        ['late', { ...state, active: [task], generation: 4 }],
      ]),
    )
    expect([owned.get('early'), owned.get('late')]).toEqual([[], [task]])
  })
})
