import assert from 'node:assert/strict'
import type { SuiteApi } from './bench.ts'
import { errorCode } from '../../core/errors.ts'
import { type RebalanceCause, taskIdText } from '../../kafka/port.ts'
import { GroupThread, type ThreadOptions } from './group-thread.ts'

const withoutFollowUps = (causes: readonly RebalanceCause[]) => causes.filter((cause) => cause !== 'tasks-given-back')

/**
 * What every `GroupMember` keeps: all tasks are assigned, evenly and to members that hold their state; a task moves
 * only after its owner has given it back, has left, or has been silent for the session timeout. Members run in
 * `GroupThread`s, which poll and acknowledge as a stream thread does.
 */
export function groupPromises({ describe, test, bench }: SuiteApi): void {
  /** Threads join one group over one topic; whatever happens they are gone after the sentence. */
  async function inGroup(partitions: number, sentence: (group: Group) => Promise<void>): Promise<void> {
    const group = new Group(bench().name('group'), await bench().topic(partitions))
    try {
      await sentence(group)
    } finally {
      for (const thread of group.threads) await thread.leave(bench())
    }
  }

  class Group {
    readonly id: string
    readonly topic: string
    readonly threads: GroupThread[] = []

    constructor(id: string, topic: string) {
      this.id = id
      this.topic = topic
    }

    join(options: ThreadOptions = {}, topology = bench().topology(this.topic)): GroupThread {
      const thread = new GroupThread(bench(), this.id, topology, options)
      this.threads.push(thread)
      return thread
    }

    gone(thread: GroupThread): void {
      this.threads.splice(this.threads.indexOf(thread), 1)
    }

    /** Every thread turns until the check passes; no task is ever active twice. */
    async until(check: () => void): Promise<void> {
      await bench().eventually(() => {
        this.turn()
        check()
      })
    }

    turn(): void {
      for (const thread of this.threads) thread.turn()
      const active = this.threads.flatMap((thread) => thread.sortedActive)
      if (new Set(active).size !== active.length) throw new Error(`a task is active twice: ${active.join(' ')}`)
    }

    async forAWhile(turns = 25): Promise<void> {
      for (let turn = 0; turn < turns; turn++) {
        this.turn()
        await bench().harness.advance(20)
      }
    }

    counts(): readonly number[] {
      return this.threads.map((thread) => thread.active.size).sort((left, right) => left - right)
    }
  }

  const commitCode = async (commit: Promise<void>): Promise<string | undefined> => {
    try {
      await commit
      return undefined
    } catch (error) {
      return errorCode(error)
    }
  }

  describe('one member of a group', () => {
    test('a single member gets every task, in one event', () =>
      inGroup(3, async (group) => {
        const thread = group.join()
        await group.until(() => assert.deepEqual(thread.sortedActive, ['0_0', '0_1', '0_2']))
        await group.forAWhile()
        assert.deepEqual(thread.told, ['assigned 0_0 0_1 0_2'])
      }))

    test('a member is settled when it has taken its tasks, not when it has only joined', () =>
      inGroup(3, async (group) => {
        const thread = group.join()
        let settledWith: number | undefined
        await group.until(() => {
          if (thread.member.isSettled) settledWith ??= thread.active.size
          assert.ok(settledWith !== undefined)
        })
        assert.equal(settledWith, 3)
      }))

    test('internal topics are created before the assignment, with partition counts derived from the sources', () =>
      inGroup(3, async (group) => {
        const [repartition, changelog] = [bench().name('repartition'), bench().name('changelog')]
        const thread = group.join({}, bench().topology(group.topic, { repartition, changelog }))
        await group.until(() => assert.deepEqual(thread.sortedActive, ['0_0', '0_1', '0_2', '1_0', '1_1', '1_2']))
        const described = await bench().settle(bench().admin.describeTopics([repartition, changelog]))
        assert.deepEqual(
          described.map(({ name, partitions }) => [name, partitions.length]).sort(),
          [
            [changelog, 3],
            [repartition, 3],
          ].sort(),
        )
        const configs = await bench().settle(bench().admin.describeTopicConfigs([changelog]))
        assert.equal(configs.get(changelog)?.['cleanup.policy'], 'compact')
      }))

    test('a member appears in the group and may commit', () =>
      inGroup(1, async (group) => {
        const thread = group.join()
        await group.until(() => assert.equal(thread.active.size, 1))
        const { groupId, memberId, generation } = thread.member.metadata()
        assert.equal(groupId, group.id)
        assert.notEqual(memberId, '')
        assert.ok(generation > 0)
        await thread.commit(bench(), group.topic)
        const { members } = await bench().settle(bench().admin.describeGroup(group.id))
        assert.deepEqual(
          members.map(({ memberId: id, active, standby, partitions }) => [
            id,
            active?.map(taskIdText),
            standby,
            partitions,
          ]),
          [[memberId, [...thread.active], [], [{ topic: group.topic, partition: 0 }]]],
        )
      }))

    test('the description of a group says where the process of a member answers queries', () =>
      inGroup(2, async (group) => {
        const threads = [group.join({ applicationServer: 'host:9464' }), group.join()]
        await group.until(() => assert.ok(threads.every(({ active }) => active.size === 1)))
        const { members } = await bench().settle(bench().admin.describeGroup(group.id))
        const servers = new Map(members.map(({ memberId, applicationServer }) => [memberId, applicationServer]))
        const told = threads.map(({ member }) => servers.get(member.metadata().memberId))
        assert.deepEqual(told, ['host:9464', undefined])
      }))

    test('a member that has left can no longer commit', () =>
      inGroup(1, async (group) => {
        const [thread, other] = [group.join(), group.join()]
        await group.until(() => assert.deepEqual(group.counts(), [0, 1]))
        const metadata = thread.member.metadata()
        group.gone(thread)
        await thread.leave(bench())
        await group.until(() => assert.equal(other.active.size, 1))
        assert.equal(await commitCode(other.commit(bench(), group.topic, metadata)), 'GROUP_FENCED')
      }))

    test('a group with a member cannot be deleted', () =>
      inGroup(1, async (group) => {
        const thread = group.join()
        await group.until(() => assert.equal(thread.active.size, 1))
        await bench().rejectsWith(bench().admin.deleteGroups([group.id]), 'NON_EMPTY_GROUP')
      }))
  })

  describe('members of a group', () => {
    test('members share the tasks; an event names only tasks that move', () =>
      inGroup(4, async (group) => {
        const first = group.join()
        await group.until(() => assert.equal(first.active.size, 4))
        const second = group.join()
        await group.until(() => assert.deepEqual(group.counts(), [2, 2]))
        await group.forAWhile()
        assert.deepEqual(first.told, ['assigned 0_0 0_1 0_2 0_3', `revoked ${second.sortedActive.join(' ')}`])
        assert.deepEqual(second.told, [`assigned ${second.sortedActive.join(' ')}`])
      }))

    test('three members share the tasks evenly', () =>
      inGroup(6, async (group) => {
        for (const processId of ['a', 'b', 'c']) {
          group.join({ processId })
          group.turn()
        }
        await group.until(() => assert.deepEqual(group.counts(), [2, 2, 2]))
      }))

    test('a group may have more members than tasks', () =>
      inGroup(1, async (group) => {
        group.join()
        group.join()
        await group.until(() => assert.deepEqual(group.counts(), [0, 1]))
        await group.forAWhile()
        assert.deepEqual(group.counts(), [0, 1])
        await group.until(() => assert.ok(group.threads.every(({ member }) => member.isSettled)))
      }))

    test('a member waits for a task until the owner has given it back', () =>
      inGroup(4, async (group) => {
        const first = group.join()
        await group.until(() => assert.equal(first.active.size, 4))
        first.holdsRevocations = true
        const second = group.join()
        await group.until(() => assert.equal(first.told.length, 2))
        await group.forAWhile()
        assert.deepEqual(second.told, [])
        await first.commit(bench(), group.topic)
        first.holdsRevocations = false
        await group.until(() => assert.equal(second.active.size, 2))
      }))

    test('members take over the tasks of a member that leaves', () =>
      inGroup(4, async (group) => {
        const [first, second] = [group.join(), group.join()]
        await group.until(() => assert.deepEqual(group.counts(), [2, 2]))
        group.gone(first)
        const toldBefore = second.told.length
        await first.leave(bench())
        await group.until(() => assert.equal(second.active.size, 4))
        assert.ok(second.told.slice(toldBefore).every((event) => event.startsWith('assigned')))
      }))

    test('members take over the tasks of a dead member at once when somebody removes it', () =>
      inGroup(4, async (group) => {
        const [first, second] = [group.join(), group.join()]
        await group.until(() => assert.deepEqual(group.counts(), [2, 2]))
        const { memberId } = first.member.metadata()
        group.gone(first)
        await first.crash(bench())
        const { protocol } = bench().harness.group
        const { admin } = bench()
        await bench().settle(admin.removeMember(group.id, memberId, protocol))
        const { members } = await bench().settle(admin.describeGroup(group.id))
        assert.deepEqual(members.length, 1)
        await group.until(() => assert.equal(second.active.size, 4))
        await bench().settle(admin.removeMember(group.id, memberId, protocol))
      }))

    test('members take over the tasks of a silent member after the session timeout', () =>
      inGroup(4, async (group) => {
        const [first, second] = [group.join(), group.join()]
        await group.until(() => assert.deepEqual(group.counts(), [2, 2]))
        group.gone(first)
        await first.crash(bench())
        await group.forAWhile(10)
        assert.equal(second.active.size, 2)
        await group.until(() => assert.equal(second.active.size, 4))
      }))

    test('all members end when one asks for it, and learn which; the group then takes new ones', () =>
      inGroup(2, async (group) => {
        const [first, second] = [group.join(), group.join()]
        await group.until(() => assert.deepEqual(group.counts(), [1, 1]))
        const { memberId } = first.member.metadata()
        first.member.requestShutdown()
        for (const thread of [first, second]) await thread.failure(bench(), 'GROUP_SHUTDOWN', memberId)
        for (const thread of [first, second]) {
          group.gone(thread)
          await thread.leave(bench())
        }
        const next = group.join()
        await group.until(() => assert.equal(next.active.size, 2))
      }))

    test('a member that joins only to end the group ends it', () =>
      inGroup(2, async (group) => {
        const first = group.join()
        await group.until(() => assert.equal(first.active.size, 2))
        const asking = group.join({ asks: true })
        await first.failure(bench(), 'GROUP_SHUTDOWN', '')
        await asking.failure(bench(), 'GROUP_SHUTDOWN', asking.member.metadata().memberId)
      }))

    test('members hear why the group assigns its tasks again', () =>
      inGroup(2, async (group) => {
        const first = group.join()
        await group.until(() => assert.deepEqual(first.causes, ['member-joined']))
        const second = group.join()
        await group.until(() => assert.deepEqual(group.counts(), [1, 1]))
        await group.forAWhile(50)
        const joining = ['member-joined', 'member-joined']
        assert.deepEqual(withoutFollowUps(first.causes), joining)
        assert.deepEqual(withoutFollowUps(second.causes), ['member-joined'])
        group.gone(second)
        await second.leave(bench())
        await group.until(() => assert.deepEqual(withoutFollowUps(first.causes), [...joining, 'member-left']))
      }))

    test('a member that was removed hears that it was fenced, the others that a member left', () =>
      inGroup(2, async (group) => {
        const hurried = { rebalanceTimeoutMs: 2_000 }
        const [first, second] = [group.join(hurried), group.join(hurried)]
        await group.until(() => assert.deepEqual(group.counts(), [1, 1]))
        // The thread of the first hangs.
        await bench().eventually(() => {
          second.turn()
          assert.equal(second.active.size, 2)
          assert.equal(second.causes.at(-1), 'member-left')
        })
        await bench().eventually(() => {
          for (const thread of group.threads) thread.turn()
          assert.deepEqual(group.counts(), [1, 1])
          assert.equal(withoutFollowUps(first.causes).at(-1), 'member-fenced')
        })
      }))

    test('a member that does not give its tasks back in time loses them and joins again', () =>
      inGroup(2, async (group) => {
        const hurried = { rebalanceTimeoutMs: 2_000 }
        const first = group.join(hurried)
        await group.until(() => assert.equal(first.active.size, 2))
        first.holdsRevocations = true
        const second = group.join(hurried)
        const held = first.member.metadata()
        await bench().eventually(() => {
          for (const thread of group.threads) thread.turn()
          assert.ok(first.told.includes('lost 0_0 0_1'), first.told.join('; '))
        })
        assert.equal(await commitCode(second.commit(bench(), group.topic, held)), 'GROUP_FENCED')
        first.holdsRevocations = false
        await bench().eventually(() => {
          for (const thread of group.threads) thread.turn()
          assert.deepEqual(group.counts(), [1, 1])
        })
        assert.notDeepEqual(first.sortedActive, second.sortedActive)
      }))

    test('each member gets tasks of every subtopology', () =>
      inGroup(2, async (group) => {
        const internal = { repartition: bench().name('repartition'), changelog: bench().name('changelog') }
        const topology = bench().topology(group.topic, internal)
        const [first, second] = [group.join({}, topology), group.join({}, topology)]
        await group.until(() => assert.deepEqual(group.counts(), [2, 2]))
        for (const thread of [first, second]) {
          assert.deepEqual(
            thread.sortedActive.map((task) => task.slice(0, 1)),
            ['0', '1'],
          )
        }
      }))

    test("members hold standby tasks of each other's tasks with state", async () => {
      if (!bench().harness.group.hasStandbys) return
      await inGroup(2, async (group) => {
        const internal = { repartition: bench().name('repartition'), changelog: bench().name('changelog') }
        const topology = bench().topology(group.topic, internal)
        const options = { standbyReplicas: 1 }
        const [first, second] = [group.join(options, topology), group.join(options, topology)]
        const stateful = (thread: GroupThread) => thread.sortedActive.filter((task) => task.startsWith('1'))
        await group.until(() => {
          assert.deepEqual(group.counts(), [2, 2])
          assert.deepEqual([...first.standby], stateful(second))
          assert.deepEqual([...second.standby], stateful(first))
        })
      })
    })

    test('a static member gets its tasks back without a rebalance', async () => {
      if (!bench().harness.group.hasStaticMembers) return
      await inGroup(4, async (group) => {
        const first = group.join({ instanceId: 'one' })
        const second = group.join({ instanceId: 'two' })
        await group.until(() => assert.deepEqual(group.counts(), [2, 2]))
        const [before, toldBefore] = [first.sortedActive, second.told.length]
        group.gone(first)
        await first.leave(bench(), { permanently: false })
        const again = group.join({ instanceId: 'one' })
        await group.until(() => assert.deepEqual(again.sortedActive, before))
        await group.forAWhile()
        assert.equal(second.told.length, toldBefore)
      })
    })
  })
}
