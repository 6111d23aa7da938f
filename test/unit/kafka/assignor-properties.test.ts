import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type {
  AssignorMember,
  AssignorRules,
  AssignorSubtopology,
} from '../../../src/kafka/assignment/assignor-input.ts'
import { assignTasks, type GroupAssignment } from '../../../src/kafka/assignor.ts'
import { taskIdText } from '../../../src/kafka/port.ts'
import { readable, task, texts } from './assignor-cases.ts'

const acceptableRecoveryLag = 100

const groups = fc.record({
  subtopologies: fc
    .array(fc.record({ partitions: fc.integer({ min: 0, max: 9 }), stateful: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((list) => list.map((each, id) => ({ id, ...each }))),
  standbyReplicas: fc.integer({ min: 0, max: 2 }),
  maxWarmupReplicas: fc.integer({ min: 0, max: 3 }),
  processes: fc.array(fc.record({ threads: fc.integer({ min: 1, max: 3 }), zone: fc.constantFrom('x', 'y', 'z') }), {
    minLength: 1,
    maxLength: 5,
  }),
  owned: fc.array(
    fc.record({
      subtopology: fc.nat(3),
      partition: fc.nat(8),
      member: fc.nat(14),
      kind: fc.nat(2),
      lag: fc.constantFrom(0, 50, 100, 101, 500),
    }),
    { maxLength: 60 },
  ),
  sizes: fc.array(fc.constantFrom(0, 80, 300, 1000, undefined), { minLength: 36, maxLength: 36 }),
})

type Group = typeof groups extends fc.Arbitrary<infer T> ? T : never

function membersOf({ processes, owned }: Group): AssignorMember[] {
  const members = processes.flatMap(({ threads, zone }, process) =>
    Array.from({ length: threads }, (_, thread) => ({
      memberId: `m${process}-${thread}`,
      processId: `p${process}`,
      tags: { zone, process: `p${process}` },
    })),
  )
  const of = (index: number, kind: number) =>
    owned.filter((each) => each.member % members.length === index && each.kind === kind)
  return members.map((each, index) => ({
    ...each,
    ownedActive: of(index, 0),
    ownedStandby: of(index, 1),
    // Of two claims of a task the lag counts too: who runs it may still restore.
    lags: new Map([...of(index, 0), ...of(index, 2)].map((id) => [taskIdText(id), id.lag])),
  }))
}

const rulesOf = ({ standbyReplicas, maxWarmupReplicas }: Group): AssignorRules => ({
  standbyReplicas,
  maxWarmupReplicas,
  acceptableRecoveryLag,
  rackAwareAssignmentTags: ['zone'],
})

const recordsOf = ({ subtopologies, sizes }: Group): Map<string, number> =>
  new Map(
    allTasks(subtopologies).flatMap((text, index): [string, number][] => {
      const size = sizes[index]
      return size === undefined ? [] : [[text, size]]
    }),
  )

const allTasks = (subtopologies: readonly AssignorSubtopology[]): string[] =>
  subtopologies.flatMap(({ id, partitions }) => Array.from({ length: partitions }, (_, p) => `${id}_${p}`))

/** The members of the next round own what this round gave them. */
function afterwards(members: readonly AssignorMember[], { byMember }: GroupAssignment): AssignorMember[] {
  return members.map((each) => {
    const own = byMember.get(each.memberId) ?? { active: [], standby: [] }
    return { ...each, ownedActive: own.active, ownedStandby: own.standby }
  })
}

function ownersOf({ byMember }: GroupAssignment): Map<string, string> {
  return new Map([...byMember].flatMap(([memberId, { active }]) => texts(active).map((text) => [text, memberId])))
}

/** Records that the process of a member lacks. */
function lagOf(group: Group, members: readonly AssignorMember[], memberId: string, text: string): number {
  const processId = members.find((each) => each.memberId === memberId)?.processId
  const known = members
    .filter((each) => each.processId === processId)
    .map(({ lags }) => lags.get(text) ?? Number.POSITIVE_INFINITY)
  return Math.min(...known, recordsOf(group).get(text) ?? Number.POSITIVE_INFINITY)
}

/** The most owned tasks any balanced assignment could keep. */
function keepableCount(subtopologies: readonly AssignorSubtopology[], members: readonly AssignorMember[]): number {
  const valid = new Set(
    subtopologies.flatMap(({ id, partitions }) => Array.from({ length: partitions }, (_, p) => `${id}_${p}`)),
  )
  const seen = new Set<string>()
  const counts = members.map(({ ownedActive }) => {
    const own = texts(ownedActive).filter((text) => valid.has(text) && !seen.has(text))
    for (const text of own) seen.add(text)
    return new Set(own).size
  })
  const floor = Math.floor(valid.size / members.length)
  const odd = valid.size % members.length
  const above = counts.filter((count) => count > floor).length
  return counts.reduce((sum, count) => sum + Math.min(count, floor), 0) + Math.min(above, odd)
}

describe('for every group', () => {
  const forEveryGroup = (check: (group: Group, members: AssignorMember[], result: GroupAssignment) => void) =>
    fc.assert(
      fc.property(groups, (group) => {
        const members = membersOf(group)
        check(group, members, assignTasks(group.subtopologies, members, rulesOf(group), recordsOf(group)))
      }),
      { numRuns: 300 },
    )

  test('each task is active exactly once', () => {
    forEveryGroup(({ subtopologies }, _, { byMember }) => {
      const given = [...byMember.values()].flatMap(({ active }) => texts(active)).sort()
      expect(given).toEqual(allTasks(subtopologies).sort())
    })
  })

  test('active tasks are balanced within one as soon as no task waits', () => {
    forEveryGroup((_, __, { byMember, waiting }) => {
      if (waiting.length > 0) return
      const counts = [...byMember.values()].map(({ active }) => active.length)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    })
  })

  test('no task waits where all state is warm, and no assignment of that balance keeps more owned tasks', () => {
    forEveryGroup((group, members) => {
      const allWarm = { ...rulesOf(group), acceptableRecoveryLag: Number.POSITIVE_INFINITY }
      const result = assignTasks(group.subtopologies, members, allWarm, recordsOf(group))
      expect(result.waiting).toEqual([])
      const owners = ownersOf(result)
      const kept = members.reduce(
        (sum, { memberId, ownedActive }) =>
          sum + new Set(texts(ownedActive).filter((text) => owners.get(text) === memberId)).size,
        0,
      )
      expect(kept).toBeGreaterThanOrEqual(keepableCount(group.subtopologies, members))
    })
  })

  test('a task whose owner is caught up moves only to a process that is caught up too', () => {
    forEveryGroup((group, members, result) => {
      const owners = ownersOf(result)
      for (const { id, stateful, partitions } of group.subtopologies) {
        for (let partition = 0; stateful && partition < partitions; partition++) {
          const text = `${id}_${partition}`
          const before = members.find(({ ownedActive }) => texts(ownedActive).includes(text))?.memberId
          const now = owners.get(text) ?? ''
          if (before === undefined || before === now) continue
          if (lagOf(group, members, before, text) > acceptableRecoveryLag) continue
          expect(lagOf(group, members, now, text)).toBeLessThanOrEqual(acceptableRecoveryLag)
        }
      }
    })
  })

  test('the copies of a task live in different processes, as many as wished or possible, and few more warm up', () => {
    forEveryGroup(({ subtopologies, standbyReplicas, maxWarmupReplicas, processes }, members, result) => {
      let warmups = 0
      for (const [text, list] of placesOf(members, result)) {
        const isStateful = subtopologies[task(text).subtopology]?.stateful
        const wished = isStateful ? Math.min(standbyReplicas + 1, processes.length) : 1
        expect(new Set(list.map(({ processId }) => processId)).size).toBe(list.length)
        expect(list.length).toBeGreaterThanOrEqual(wished)
        warmups += list.length - wished
        if (list.length > wished) expect(texts(result.waiting)).toContain(text)
      }
      expect(warmups).toBeLessThanOrEqual(maxWarmupReplicas)
    })
  })

  test('the copies of a task are in as many zones as there are zones and copies', () => {
    forEveryGroup(({ processes, standbyReplicas }, members, result) => {
      const zones = new Set(processes.map(({ zone }) => zone)).size
      for (const [, list] of placesOf(members, result)) {
        if (list.length === 1) continue
        // A warm-up is where the task belongs.
        const free = Math.min(list.length, standbyReplicas + 1)
        expect(new Set(list.map(({ tags }) => tags.zone)).size).toBeGreaterThanOrEqual(Math.min(free, zones))
      }
    })
  })

  test('applied to its own result it changes nothing', () => {
    forEveryGroup((group, members, result) => {
      const again = assignTasks(group.subtopologies, afterwards(members, result), rulesOf(group), recordsOf(group))
      expect(readable(again.byMember)).toEqual(readable(result.byMember))
    })
  })

  test('the order of the members does not matter', () => {
    forEveryGroup((group, members, result) => {
      const subtopologies = group.subtopologies.toReversed()
      const again = assignTasks(subtopologies, members.toReversed(), rulesOf(group), recordsOf(group))
      expect(readable(again.byMember)).toEqual(readable(result.byMember))
    })
  })

  test('every task gets home: what waits warms up and moves, until all are balanced and none waits', () => {
    forEveryGroup((group, members) => {
      const rules = { ...rulesOf(group), maxWarmupReplicas: 2 }
      let present = members
      for (let round = 0; ; round++) {
        const result = assignTasks(group.subtopologies, present, rules, recordsOf(group))
        if (result.waiting.length === 0) break
        expect(round).toBeLessThan(60)
        present = caughtUp(afterwards(present, result))
      }
    })
  })
})

/** Where the copies of each task are, the active one among them. */
function placesOf(members: readonly AssignorMember[], { byMember }: GroupAssignment): Map<string, AssignorMember[]> {
  const places = new Map<string, AssignorMember[]>()
  for (const each of members) {
    const { active = [], standby = [] } = byMember.get(each.memberId) ?? {}
    for (const text of texts([...active, ...standby])) places.set(text, [...(places.get(text) ?? []), each])
  }
  return places
}

/** All of them have restored what they have. */
function caughtUp(members: readonly AssignorMember[]): AssignorMember[] {
  return members.map((each) => {
    const own = texts([...each.ownedActive, ...each.ownedStandby])
    return { ...each, lags: new Map([...each.lags, ...own.map((text): [string, number] => [text, 0])]) }
  })
}
