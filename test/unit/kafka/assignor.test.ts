import { describe, expect, test } from '@jest/globals'
import type { AssignorMember } from '../../../src/kafka/assignment/assignor-input.ts'
import { assignTasks } from '../../../src/kafka/assignor.ts'
import { assigned, member, readable, rules, stateful, stateless, task, texts } from './assignor-cases.ts'

describe('assigning tasks', () => {
  test('one member gets every task', () => {
    expect(readable(assigned([stateful(0, 2), stateless(1, 1)], [member('a')]))).toEqual({ a: '0_0,0_1,1_0 | ' })
  })

  test('no member, no assignment', () => {
    expect(assigned([stateful(0, 2)], [], { standbyReplicas: 1 }).size).toBe(0)
  })

  test('each subtopology is spread over the members', () => {
    const result = assigned([stateless(0, 2), stateless(1, 2)], [member('a'), member('b')])
    expect(readable(result)).toEqual({ a: '0_0,1_0 | ', b: '0_1,1_1 | ' })
  })

  test('a second member takes exactly half, of every subtopology', () => {
    const first = member('a', { active: ['0_0', '0_1', '1_0', '1_1'] })
    expect(readable(assigned([stateless(0, 2), stateless(1, 2)], [first, member('b')]))).toEqual({
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
    expect(readable(assigned([stateful(0, 4)], members))['c']).toBe('0_2 | ')
  })

  test('a task without an owner goes to the disk that lags least', () => {
    const members = [member('a', { lags: { '0_0': 500 } }), member('b', { lags: { '0_0': 3 } })]
    expect(readable(assigned([stateful(0, 2)], members))).toEqual({ a: '0_1 | ', b: '0_0 | ' })
  })

  test('state near a task moves no other task', () => {
    const members = [member('a', { active: ['0_0', '0_1'], lags: { '0_2': 0 } }), member('b', {})]
    const little = new Map([['0_2', 10_000]])
    expect(readable(assigned([stateful(0, 3)], members, {}, little))).toEqual({ a: '0_0,0_1 | ', b: '0_2 | ' })
  })

  test('the odd tasks go to different processes', () => {
    const threads = ['a1', 'a2', 'b1', 'b2'].map((id) => member(id, { process: id.slice(0, 1) }))
    const result = assigned([stateless(0, 6)], threads)
    const count = (id: string) => result.get(id)?.active.length ?? 0
    expect([count('a1') + count('a2'), count('b1') + count('b2')]).toEqual([3, 3])
  })

  test('of two members that claim a task one keeps it', () => {
    const members = [member('a', { active: ['0_0', '0_1'] }), member('b', { active: ['0_0', '0_1'] })]
    expect(readable(assigned([stateless(0, 2)], members))).toEqual({ a: '0_1 | ', b: '0_0 | ' })
  })

  test('tasks that no longer exist are forgotten', () => {
    expect(
      readable(
        assigned([stateless(0, 1)], [member('a', { active: ['7_0', '0_0'], standby: ['7_1'] })], {
          standbyReplicas: 1,
        }),
      ),
    ).toEqual({
      a: '0_0 | ',
    })
  })

  test('standbys go to the other process, stateless tasks have none', () => {
    const result = assigned([stateful(0, 2), stateless(1, 2)], [member('a'), member('b')], { standbyReplicas: 1 })
    expect(readable(result)).toEqual({ a: '0_0,1_0 | 0_1', b: '0_1,1_1 | 0_0' })
  })

  test('one process alone has no standbys', () => {
    const threads = [member('a', { process: 'p' }), member('b', { process: 'p' })]
    expect(readable(assigned([stateful(0, 2)], threads, { standbyReplicas: 1 }))).toEqual({ a: '0_0 | ', b: '0_1 | ' })
  })

  test('fewer standby replicas drop the surplus', () => {
    const members = [
      member('a', { active: ['0_0'] }),
      member('b', { standby: ['0_0'] }),
      member('c', { standby: ['0_0'] }),
    ]
    const result = assigned([stateful(0, 1)], members, { standbyReplicas: 1 })
    expect([...result.values()].flatMap(({ standby }) => standby)).toHaveLength(1)
  })
})

describe('tasks whose state is large', () => {
  const large = (texts: readonly string[]) => new Map(texts.map((text) => [text, 5_000_000]))
  const four = ['0_0', '0_1', '0_2', '0_3']
  const running = Object.fromEntries(four.map((text) => [text, 0]))
  const owner = member('a', { active: four, lags: running })

  test('stay with the member that is caught up, while two of them warm up at the new one', () => {
    const { byMember, waiting } = assignTasks([stateful(0, 4)], [owner, member('b')], rules, large(four))
    expect(readable(byMember)).toEqual({ a: '0_0,0_1,0_2,0_3 | ', b: ' | 0_0,0_1' })
    expect(texts(waiting)).toEqual(['0_0', '0_1'])
  })

  test('move as soon as their new home lacks no more than acceptableRecoveryLag', () => {
    const at = (lag: number) => member('b', { standby: ['0_0', '0_1'], lags: { '0_0': lag, '0_1': lag } })
    const tasksOf = (lag: number) => readable(assigned([stateful(0, 4)], [owner, at(lag)], {}, large(four)))
    expect(tasksOf(10_001)).toEqual({ a: '0_0,0_1,0_2,0_3 | ', b: ' | 0_0,0_1' })
    expect(tasksOf(10_000)).toEqual({ a: '0_2,0_3 | ', b: '0_0,0_1 | ' })
  })

  test('have no warm-ups above maxWarmupReplicas', () => {
    const count = (maxWarmupReplicas: number) =>
      assigned([stateful(0, 4)], [owner, member('b')], { maxWarmupReplicas }, large(four)).get('b')?.standby.length
    expect([count(0), count(1), count(9)]).toEqual([0, 1, 2])
  })

  test('that lost their owner go to a standby that is caught up, also where that member has enough already', () => {
    const members = [
      member('b', { active: ['0_0', '0_1'], standby: ['0_2', '0_3'], lags: running }),
      member('c', { active: [], lags: {} }),
    ]
    const { byMember, waiting } = assignTasks([stateful(0, 4)], members, rules, large(four))
    expect(byMember.get('b')?.active).toHaveLength(4)
    expect(waiting).toHaveLength(2)
  })

  test('that nobody has are restored where balance wants them', () => {
    const members = [member('b', { active: ['0_0', '0_1'], lags: { '0_0': 0, '0_1': 0 } }), member('c')]
    const result = assigned([stateful(0, 4)], members, {}, large(four))
    expect(readable(result)).toEqual({ b: '0_0,0_1 | ', c: '0_2,0_3 | ' })
  })

  test('that are restored from zero go back to the process that has kept them', () => {
    const members = [
      member('b', { active: ['0_0', '0_1'], lags: { '0_0': 0, '0_1': 4_000_000 } }),
      member('c', { active: ['0_2', '0_3'], lags: { '0_1': 300, '0_2': 0, '0_3': 0 } }),
    ]
    expect(assigned([stateful(0, 4)], members, {}, large(four)).get('c')?.active).toContainEqual(task('0_1'))
  })
})

describe('a rolling restart with kept directories', () => {
  const texts60 = Array.from({ length: 60 }, (_, partition) => `0_${partition}`)
  const records = new Map(texts60.map((text) => [text, 5_000_000]))

  /** What the members that are there have, and what lies on the disks of all. */
  class Group {
    readonly owned = new Map<string, string[]>()
    readonly disks = new Map<string, Set<string>>()
    /** Tasks that a process began without any of their state. */
    restoredFromZero = 0

    readonly lagOnDisk: (text: string) => number

    constructor(lagOnDisk: (text: string) => number) {
      this.lagOnDisk = lagOnDisk
    }

    rebalance(present: readonly string[]): void {
      const members = present.map((id) => {
        const active = this.owned.get(id) ?? []
        const disk = [...(this.disks.get(id) ?? [])].map((text): [string, number] => [text, this.lagOnDisk(text)])
        return member(id, { active, lags: Object.fromEntries([...disk, ...active.map((text) => [text, 0])]) })
      })
      const result = assigned([stateful(0, 60)], members, {}, records)
      for (const id of present) {
        const now = texts(result.get(id)?.active ?? [])
        const before = this.owned.get(id) ?? []
        const gained = now.filter((text) => !before.includes(text))
        // As a member keeps them: in the order in which they came.
        this.owned.set(id, [...before.filter((text) => now.includes(text)), ...gained])
        const disk = this.disks.get(id) ?? new Set()
        this.restoredFromZero += gained.filter((text) => !disk.has(text)).length
        this.disks.set(id, new Set([...disk, ...now]))
      }
    }
  }

  test.each<[string, (text: string) => number]>([
    ['without traffic', () => 0],
    ['with some', (text) => Number(text.slice(2)) * 10],
  ])('ends with every task at home, %s', (_, lagOnDisk) => {
    const ids = ['a', 'b', 'c', 'd']
    const group = new Group(lagOnDisk)
    group.rebalance(ids)
    const home = new Map(ids.map((id) => [id, [...(group.owned.get(id) ?? [])].sort()]))
    expect([...home.values()].map((tasks) => tasks.length)).toEqual([15, 15, 15, 15])
    for (const id of ids) {
      group.owned.delete(id)
      group.rebalance(ids.filter((other) => other !== id))
      group.restoredFromZero = 0
      group.rebalance(ids)
      // Only its own tasks, whose directories it has kept.
      expect(group.restoredFromZero).toBe(0)
    }
    expect(new Map(ids.map((id) => [id, [...(group.owned.get(id) ?? [])].sort()]))).toEqual(home)
  })
})

describe('tags', () => {
  const zoned = (id: string, zone: string, owned = {}) => member(id, { tags: { zone }, ...owned })

  test('put the standby into another zone', () => {
    const members = [zoned('a', 'x'), zoned('b', 'x'), zoned('c', 'y')]
    const result = assigned([stateful(0, 3)], members, { standbyReplicas: 1, rackAwareAssignmentTags: ['zone'] })
    expect(readable(result)).toEqual({ a: '0_0 | 0_2', b: '0_1 | ', c: '0_2 | 0_0,0_1' })
  })

  test('move a standby that is in the same zone as its task', () => {
    const members = [zoned('a', 'x', { active: ['0_0'] }), zoned('b', 'x', { standby: ['0_0'] }), zoned('c', 'y')]
    const result = assigned([stateful(0, 1)], members, { standbyReplicas: 1, rackAwareAssignmentTags: ['zone'] })
    expect(readable(result)).toEqual({ a: '0_0 | ', b: ' | ', c: ' | 0_0' })
  })

  test('that the rules do not name mean nothing', () => {
    const members = [zoned('a', 'x', { active: ['0_0'] }), zoned('b', 'x', { standby: ['0_0'] }), zoned('c', 'y')]
    expect(readable(assigned([stateful(0, 1)], members, { standbyReplicas: 1 }))['b']).toBe(' | 0_0')
  })

  test('of the first name count most', () => {
    const at = (id: string, zone: string, rack: string) => member(id, { tags: { zone, rack } })
    const members = [at('a', 'x', '1'), at('b', 'x', '2'), at('c', 'y', '1')]
    const standbyOf = (...rackAwareAssignmentTags: string[]) => {
      const owner = { ...(members[0] as AssignorMember), ownedActive: [task('0_0')] }
      const rest = members.slice(1)
      const result = assigned([stateful(0, 1)], [owner, ...rest], { standbyReplicas: 1, rackAwareAssignmentTags })
      return [...result].find(([, { standby }]) => standby.length > 0)?.[0]
    }
    expect([standbyOf('zone', 'rack'), standbyOf('rack', 'zone')]).toEqual(['c', 'b'])
  })
})
