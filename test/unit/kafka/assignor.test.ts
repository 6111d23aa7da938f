import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type AssignorMember,
  type AssignorSubtopology,
  assignTasks,
  type TaskAssignment,
} from '../../../src/kafka/assignor.ts'
import { type TaskId, taskIdText } from '../../../src/kafka/port.ts'

type Assignment = ReadonlyMap<string, TaskAssignment>

const texts = (tasks: readonly TaskId[]) => tasks.map(taskIdText)
const task = (text: string): TaskId => {
  const [subtopology, partition] = text.split('_').map(Number)
  return { subtopology: subtopology ?? -1, partition: partition ?? -1 }
}

function member(
  memberId: string,
  owned: { active?: string[]; standby?: string[]; lags?: Record<string, number>; process?: string } = {},
) {
  return {
    memberId,
    processId: owned.process ?? `process-of-${memberId}`,
    ownedActive: (owned.active ?? []).map(task),
    ownedStandby: (owned.standby ?? []).map(task),
    lags: new Map(Object.entries(owned.lags ?? {})),
  }
}

function readable(assignment: Assignment): Record<string, string> {
  return Object.fromEntries(
    [...assignment].map(([id, { active, standby }]) => [id, `${texts(active)} | ${texts(standby)}`]),
  )
}

const stateful = (id: number, partitions: number): AssignorSubtopology => ({ id, partitions, stateful: true })
const stateless = (id: number, partitions: number): AssignorSubtopology => ({ id, partitions, stateful: false })

/** The members of the next round own what this round gave them; standbys and actives are state without lag. */
function afterwards(members: readonly AssignorMember[], assignment: Assignment): AssignorMember[] {
  return members.map((each) => {
    const own = assignment.get(each.memberId) ?? { active: [], standby: [] }
    return { ...each, ownedActive: own.active, ownedStandby: own.standby }
  })
}

function ownersOf(assignment: Assignment): Map<string, string> {
  const owners = new Map<string, string>()
  for (const [memberId, { active }] of assignment) for (const each of texts(active)) owners.set(each, memberId)
  return owners
}

describe('assigning tasks', () => {
  test('one member gets every task', () => {
    expect(readable(assignTasks([stateful(0, 2), stateless(1, 1)], [member('a')], 0))).toEqual({ a: '0_0,0_1,1_0 | ' })
  })

  test('no member, no assignment', () => {
    expect(assignTasks([stateful(0, 2)], [], 1).size).toBe(0)
  })

  test('each subtopology is spread over the members', () => {
    const result = assignTasks([stateless(0, 2), stateless(1, 2)], [member('a'), member('b')], 0)
    expect(readable(result)).toEqual({ a: '0_0,1_0 | ', b: '0_1,1_1 | ' })
  })

  test('a second member takes exactly half, of every subtopology', () => {
    const first = member('a', { active: ['0_0', '0_1', '1_0', '1_1'] })
    expect(readable(assignTasks([stateless(0, 2), stateless(1, 2)], [first, member('b')], 0))).toEqual({
      a: '0_1,1_1 | ',
      b: '0_0,1_0 | ',
    })
  })

  test('a task without an owner goes where its standby is', () => {
    const members = [
      member('a', { active: ['0_0'] }),
      member('b', { active: ['0_1'] }),
      member('c', { standby: ['0_2'] }),
    ]
    expect(readable(assignTasks([stateful(0, 4)], members, 0))['c']).toBe('0_2 | ')
  })

  test('a task without an owner goes to the disk that lags least', () => {
    const members = [member('a', { lags: { '0_0': 500 } }), member('b', { lags: { '0_0': 3 } })]
    expect(readable(assignTasks([stateful(0, 2)], members, 0))).toEqual({ a: '0_1 | ', b: '0_0 | ' })
  })

  test('state near a task moves no other task', () => {
    const members = [member('a', { active: ['0_0', '0_1'], lags: { '0_2': 0 } }), member('b', {})]
    expect(readable(assignTasks([stateful(0, 3)], members, 0))).toEqual({ a: '0_0,0_1 | ', b: '0_2 | ' })
  })

  test('the odd tasks go to different processes', () => {
    const threads = ['a1', 'a2', 'b1', 'b2'].map((id) => member(id, { process: id.slice(0, 1) }))
    const result = assignTasks([stateless(0, 6)], threads, 0)
    const count = (id: string) => result.get(id)?.active.length ?? 0
    expect([count('a1') + count('a2'), count('b1') + count('b2')]).toEqual([3, 3])
  })

  test('of two members that claim a task one keeps it', () => {
    const members = [member('a', { active: ['0_0', '0_1'] }), member('b', { active: ['0_0', '0_1'] })]
    expect(readable(assignTasks([stateless(0, 2)], members, 0))).toEqual({ a: '0_1 | ', b: '0_0 | ' })
  })

  test('tasks that no longer exist are forgotten', () => {
    expect(
      readable(assignTasks([stateless(0, 1)], [member('a', { active: ['7_0', '0_0'], standby: ['7_1'] })], 1)),
    ).toEqual({
      a: '0_0 | ',
    })
  })

  test('standbys go to the other process, stateless tasks have none', () => {
    const result = assignTasks([stateful(0, 2), stateless(1, 2)], [member('a'), member('b')], 1)
    expect(readable(result)).toEqual({ a: '0_0,1_0 | 0_1', b: '0_1,1_1 | 0_0' })
  })

  test('one process alone has no standbys', () => {
    const threads = [member('a', { process: 'p' }), member('b', { process: 'p' })]
    expect(readable(assignTasks([stateful(0, 2)], threads, 1))).toEqual({ a: '0_0 | ', b: '0_1 | ' })
  })

  test('fewer standby replicas drop the surplus', () => {
    const members = [
      member('a', { active: ['0_0'] }),
      member('b', { standby: ['0_0'] }),
      member('c', { standby: ['0_0'] }),
    ]
    const result = assignTasks([stateful(0, 1)], members, 1)
    expect([...result.values()].flatMap(({ standby }) => standby)).toHaveLength(1)
  })
})

const groups = fc.record({
  subtopologies: fc
    .array(fc.record({ partitions: fc.integer({ min: 0, max: 9 }), stateful: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((list) => list.map((each, id) => ({ id, ...each }))),
  replicas: fc.integer({ min: 0, max: 2 }),
  processes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
  owned: fc.array(fc.record({ subtopology: fc.nat(3), partition: fc.nat(8), member: fc.nat(14), kind: fc.nat(2) }), {
    maxLength: 60,
  }),
})

type Group = typeof groups extends fc.Arbitrary<infer T> ? T : never

function membersOf({ processes, owned }: Group): AssignorMember[] {
  const members = processes.flatMap((threads, process) =>
    Array.from({ length: threads }, (_, thread) => ({ memberId: `m${process}-${thread}`, processId: `p${process}` })),
  )
  const of = (index: number, kind: number) =>
    owned.filter((each) => each.member % members.length === index && each.kind === kind)
  return members.map((each, index) => ({
    ...each,
    ownedActive: of(index, 0),
    ownedStandby: of(index, 1),
    lags: new Map(of(index, 2).map((id) => [taskIdText(id), id.partition * 100])),
  }))
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
  const forEveryGroup = (check: (group: Group, members: AssignorMember[], result: Assignment) => void) =>
    fc.assert(
      fc.property(groups, (group) => {
        const members = membersOf(group)
        check(group, members, assignTasks(group.subtopologies, members, group.replicas))
      }),
      { numRuns: 200 },
    )

  test('each task is active exactly once', () => {
    forEveryGroup(({ subtopologies }, _, result) => {
      const given = [...result.values()].flatMap(({ active }) => texts(active)).sort()
      const all = subtopologies.flatMap(({ id, partitions }) =>
        Array.from({ length: partitions }, (_, p) => `${id}_${p}`),
      )
      expect(given).toEqual(all.sort())
    })
  })

  test('active tasks are balanced within one', () => {
    forEveryGroup((_, __, result) => {
      const counts = [...result.values()].map(({ active }) => active.length)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    })
  })

  test('no assignment of that balance keeps more owned tasks', () => {
    forEveryGroup(({ subtopologies }, members, result) => {
      const owners = ownersOf(result)
      const kept = members.reduce(
        (sum, { memberId, ownedActive }) =>
          sum + new Set(texts(ownedActive).filter((text) => owners.get(text) === memberId)).size,
        0,
      )
      expect(kept).toBeGreaterThanOrEqual(keepableCount(subtopologies, members))
    })
  })

  test('the copies of a task live in different processes, as many as wished or possible', () => {
    forEveryGroup(({ subtopologies, replicas, processes }, members, result) => {
      const processOf = new Map(members.map(({ memberId, processId }) => [memberId, processId]))
      const places = new Map<string, string[]>()
      for (const [memberId, { active, standby }] of result) {
        for (const text of texts([...active, ...standby])) {
          places.set(text, [...(places.get(text) ?? []), processOf.get(memberId) ?? ''])
        }
      }
      for (const [text, list] of places) {
        const isStateful = subtopologies[task(text).subtopology]?.stateful
        expect(new Set(list).size).toBe(list.length)
        expect(list).toHaveLength(isStateful ? Math.min(replicas + 1, processes.length) : 1)
      }
    })
  })

  test('applied to its own result it changes nothing', () => {
    forEveryGroup(({ subtopologies, replicas }, members, result) => {
      const again = assignTasks(subtopologies, afterwards(members, result), replicas)
      expect(readable(again)).toEqual(readable(result))
    })
  })

  test('the order of the members does not matter', () => {
    forEveryGroup(({ subtopologies, replicas }, members, result) => {
      const again = assignTasks(subtopologies.toReversed(), members.toReversed(), replicas)
      expect(Object.fromEntries(Object.entries(readable(again)))).toEqual(readable(result))
    })
  })
})
