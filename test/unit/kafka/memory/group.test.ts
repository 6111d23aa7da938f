import { beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { errorCode } from '../../../../src/core/errors.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import {
  type GroupMember,
  type GroupMemberOptions,
  type GroupTopology,
  type Rebalance,
  type RebalanceCause,
  taskIdText,
} from '../../../../src/kafka/port.ts'
import { subtopology } from '../subtopology.ts'
import { plainPlacement } from '../../../../src/testing/kafka-driver/plain-placement.ts'

let clock: ManualClock
let cluster: MemoryCluster

beforeEach(() => {
  clock = new ManualClock()
  cluster = new MemoryCluster({ clock })
})

const createTopic = (name: string, partitions: number) =>
  cluster.createTopic({ name, partitions, replicationFactor: -1, configs: {} })

const overLogs: GroupTopology = { subtopologies: [subtopology(0, { sourceTopics: ['logs'] })] }

function newMember(options: Partial<GroupMemberOptions> = {}): GroupMember {
  return createMemoryDriver(cluster).groupMember({
    clientId: 'thread',
    groupId: 'group',
    instanceId: undefined,
    processId: 'process',
    protocol: 'classic',
    topology: overLogs,
    sessionTimeoutMs: 10_000,
    heartbeatIntervalMs: 3_000,
    rebalanceTimeoutMs: 30_000,
    ...plainPlacement,
    applicationServer: undefined,
    ...options,
  })
}

function joined(options: Partial<GroupMemberOptions> = {}): GroupMember {
  const member = newMember(options)
  member.join(() => {})
  return member
}

/** The next event in words, acknowledged. */
function next(member: GroupMember): string {
  const event = member.poll()
  member.acknowledge()
  if (event === undefined) return 'nothing'
  if (event.kind === 'failed') return `failed ${errorCode(event.error)}`
  const tasks =
    event.kind === 'assigned'
      ? [...event.active.map(taskIdText), ...event.standby.map((task) => `${taskIdText(task)} as standby`)]
      : event.tasks.map(taskIdText)
  return `${event.kind} ${tasks.join(' ')}`
}

describe('a member that the cluster does not hear', () => {
  test('falls out of the group, and learns of it when it is heard again', () => {
    createTopic('logs', 1)
    const first = joined({ clientId: 'first' })
    const second = joined({ clientId: 'second', processId: 'another' })
    expect(next(first)).toBe('assigned 0_0')
    cluster.faults.silence('first', 'stopped')
    clock.advance(10_000)
    expect(next(first)).toBe('nothing')
    expect(next(second)).toBe('assigned 0_0')
    cluster.faults.hear('first')
    clock.advance(3_000)
    expect(next(first)).toBe('lost 0_0')
  })

  test('joins when it is heard', () => {
    createTopic('logs', 1)
    cluster.faults.silence('thread', 'cut')
    const member = joined()
    clock.advance(3_000)
    expect(next(member)).toBe('nothing')
    cluster.faults.hear('thread')
    clock.advance(3_000)
    expect(next(member)).toBe('assigned 0_0')
  })

  test('leaves without a goodbye', async () => {
    createTopic('logs', 1)
    const member = joined()
    next(member)
    cluster.faults.silence('thread', 'cut')
    await member.leave(100)
    expect(cluster.group('group').memberCount).toBe(1)
    clock.advance(10_000)
    expect(cluster.group('group').memberCount).toBe(0)
  })
})

describe('a member', () => {
  test('hears the same event until it acknowledges it', () => {
    createTopic('logs', 1)
    const member = joined()
    expect(member.poll()).toBe(member.poll())
    member.acknowledge()
    expect(member.poll()).toBeUndefined()
  })

  test('is woken after the turn of whoever changed something, and only then', async () => {
    createTopic('logs', 2)
    const woken: string[] = []
    const first = newMember()
    first.join(() => woken.push('first'))
    expect(woken).toEqual([])
    await Promise.resolve()
    expect(woken).toEqual(['first'])
    next(first)
    await Promise.resolve()
    const second = newMember()
    second.join(() => woken.push('second'))
    await Promise.resolve()
    expect(woken).toEqual(['first', 'first'])
    next(first)
    await Promise.resolve()
    expect(woken).toEqual(['first', 'first', 'second'])
  })

  test('waits for source topics that do not exist yet', () => {
    const member = joined()
    expect(next(member)).toBe('nothing')
    createTopic('logs', 2)
    expect(next(member)).toBe('assigned 0_0 0_1')
  })

  test('gets the tasks of partitions that are added', () => {
    createTopic('logs', 1)
    const member = joined()
    next(member)
    cluster.growTopic('logs', 3)
    expect(next(member)).toBe('assigned 0_1 0_2')
  })

  test('a member learns how long it may take to give tasks back', () => {
    createTopic('logs', 2)
    const first = joined()
    next(first)
    joined()
    expect(first.poll()).toMatchObject({ kind: 'revoked', deadlineMs: 30_000 })
  })

  test('that is fenced loses its tasks, keeps its old name until it says so, and comes back under a new one', () => {
    createTopic('logs', 2)
    const member = joined()
    next(member)
    const before = member.metadata()
    cluster.group('group').fence(before.memberId)
    expect(member.metadata()).toEqual(before)
    expect(next(member)).toBe('lost 0_0 0_1')
    expect(member.metadata().memberId).not.toBe(before.memberId)
    expect(next(member)).toBe('assigned 0_0 0_1')
  })

  test('that is fenced before it opened its tasks loses them too', () => {
    createTopic('logs', 1)
    const member = joined()
    member.poll()
    cluster.group('group').fence(member.metadata().memberId)
    expect(next(member)).toBe('lost 0_0')
  })

  test('that does not poll is out, though its heart beats', () => {
    createTopic('logs', 2)
    const [idle, busy] = [joined({ processId: 'idle' }), joined({ processId: 'busy' })]
    for (const member of [idle, busy]) next(member)
    for (let seconds = 0; seconds < 40; seconds++) {
      clock.advance(1_000)
      busy.poll()
    }
    expect(next(busy)).toBe('assigned 0_1')
    expect(next(idle)).toBe('lost 0_1')
  })

  test('a member that polls stays in the group', () => {
    createTopic('logs', 1)
    const member = joined()
    next(member)
    for (let minutes = 0; minutes < 120; minutes++) {
      clock.advance(20_000)
      expect(member.poll()).toBeUndefined()
    }
  })

  test('with another topology than the group is turned away', () => {
    createTopic('logs', 1)
    joined()
    const other = joined({ topology: { subtopologies: [subtopology(0, { sourceTopics: ['other'] })] } })
    expect(next(other)).toBe('failed INCONSISTENT_GROUP_PROTOCOL')
  })

  test('joins with a new topology once the others have left', async () => {
    createTopic('logs', 1)
    createTopic('other', 1)
    await joined().leave(1_000, { permanently: true })
    const other = joined({ topology: { subtopologies: [subtopology(3, { sourceTopics: ['other'] })] } })
    expect(next(other)).toBe('assigned 3_0')
  })

  test('with joined topics of unequal counts fails, and says which', () => {
    createTopic('left', 2)
    createTopic('right', 3)
    const sourceTopics = ['left', 'right']
    const member = joined({
      topology: { subtopologies: [subtopology(0, { sourceTopics, copartitionGroups: [sourceTopics] })] },
    })
    const event = member.poll()
    expect(event).toMatchObject({ kind: 'failed', error: { code: 'NOT_COPARTITIONED' } })
    expect(String((event as { error: Error }).error.message)).toContain('left has 2, right has 3')
  })

  test('with the instance id of another takes its place; the other must not come back', () => {
    createTopic('logs', 2)
    const first = joined({ instanceId: 'one' })
    next(first)
    const second = joined({ instanceId: 'one' })
    expect(next(first)).toBe('failed FENCED_INSTANCE_ID')
    expect(next(second)).toBe('assigned 0_0 0_1')
  })

  test('with an instance id that stays away is out after the session timeout', async () => {
    createTopic('logs', 2)
    const [first, second] = [joined({ instanceId: 'one', processId: 'a' }), joined({ processId: 'b' })]
    for (const member of [first, second]) next(member)
    await first.leave(1_000)
    clock.advance(9_000)
    expect(next(second)).toBe('nothing')
    clock.advance(1_000)
    expect(next(second)).toBe('assigned 0_1')
  })
})

describe('a task', () => {
  const stateful: GroupTopology = {
    subtopologies: [
      subtopology(0, {
        sourceTopics: ['logs'],
        patternTopics: [],
        changelogTopics: [{ name: 'changelog', partitions: undefined, replicationFactor: -1, configs: {} }],
      }),
    ],
  }

  test('goes back to the disk that has its state', async () => {
    createTopic('logs', 2)
    const first = joined({ processId: 'a', topology: stateful })
    next(first)
    const lags = new Map([['0_1', 12]])
    const second = joined({ processId: 'b', topology: stateful, taskLags: () => lags })
    next(first)
    expect(next(second)).toBe('assigned 0_1')
  })

  test('moves to its standby when its process leaves, after the standby was closed', async () => {
    createTopic('logs', 2)
    const options = { topology: stateful, standbyReplicas: 1 }
    const [first, second] = [joined({ ...options, processId: 'a' }), joined({ ...options, processId: 'b' })]
    for (let round = 0; round < 4; round++) for (const member of [first, second]) next(member)
    await first.leave(1_000, { permanently: true })
    expect([next(second), next(second), next(second)]).toEqual(['revoked 0_1', 'assigned 0_1', 'nothing'])
  })

  /** Two processes of which only the first has the state; the second says how many records of it it lacks. */
  function warmingUp() {
    createTopic('logs', 2)
    const causes: RebalanceCause[] = []
    const onRebalance = ({ cause }: Rebalance) => void causes.push(cause)
    const rules = { topology: stateful, acceptableRecoveryLag: 5, probingRebalanceIntervalMs: 60_000 }
    const complete = new Map([
      ['0_0', 0],
      ['0_1', 0],
    ])
    const first = joined({ ...rules, processId: 'a', taskLags: () => complete, onRebalance })
    next(first)
    for (const partition of [0, 1])
      for (let record = 0; record < 20; record++) cluster.append('changelog', partition, null, Buffer.from('v'), 0)
    const lags = new Map<string, number>()
    const second = joined({ ...rules, processId: 'b', taskLags: () => lags })
    const pass = (forMs: number) => {
      for (let passedMs = 0; passedMs < forMs; passedMs += 1_000) {
        clock.advance(1_000)
        for (const member of [first, second]) next(member)
      }
    }
    pass(1_000)
    return { causes, lags, pass }
  }

  test('moves when it has caught up, and members hear that this is why', () => {
    const { causes, lags, pass } = warmingUp()
    for (const task of ['0_0', '0_1']) lags.set(task, 3)
    pass(4_000)
    expect(causes).toEqual(['member-joined', 'member-joined', 'state-caught-up'])
  })

  test('is looked at again after the probing interval, and members hear that this is why', () => {
    const { causes, pass } = warmingUp()
    pass(61_000)
    expect(causes).toEqual(['member-joined', 'member-joined', 'probing'])
  })
})

describe('internal topics', () => {
  const internal = (name: string, partitions?: number) => ({ name, partitions, replicationFactor: -1, configs: {} })

  test('take the largest count upstream, through several steps', () => {
    createTopic('small', 2)
    createTopic('large', 5)
    joined({
      topology: {
        subtopologies: [
          subtopology(0, { sourceTopics: ['small', 'large'], repartitionSinkTopics: ['first'] }),
          subtopology(1, { repartitionSourceTopics: [internal('first')], repartitionSinkTopics: ['second'] }),
          subtopology(2, { repartitionSourceTopics: [internal('second')], changelogTopics: [internal('changelog')] }),
        ],
      },
    })
    expect(['first', 'second', 'changelog'].map((name) => cluster.partitionCount(name))).toEqual([5, 5, 5])
  })

  test('take the count that was asked for', () => {
    createTopic('logs', 2)
    joined({
      topology: {
        subtopologies: [
          subtopology(0, { sourceTopics: ['logs'], repartitionSinkTopics: ['wide'] }),
          subtopology(1, { repartitionSourceTopics: [internal('wide', 7)], changelogTopics: [internal('changelog')] }),
        ],
      },
    })
    expect(['wide', 'changelog'].map((name) => cluster.partitionCount(name))).toEqual([7, 7])
  })

  test('take the count of the topic they are joined with', () => {
    createTopic('logs', 6)
    createTopic('users', 4)
    joined({
      topology: {
        subtopologies: [
          subtopology(0, { sourceTopics: ['logs'], repartitionSinkTopics: ['by-user'] }),
          subtopology(1, {
            sourceTopics: ['users'],
            patternTopics: [],
            repartitionSourceTopics: [internal('by-user')],
            copartitionGroups: [['users', 'by-user']],
          }),
        ],
      },
    })
    expect(cluster.partitionCount('by-user')).toBe(4)
  })

  test('that nobody writes to make the topology invalid', () => {
    createTopic('logs', 1)
    const member = joined({
      topology: {
        subtopologies: [subtopology(0, { sourceTopics: ['logs'], repartitionSourceTopics: [internal('orphan')] })],
      },
    })
    expect(next(member)).toBe('failed PARTITIONS_UNDECIDED')
  })
})

test('a group behaves the same each time', () => {
  const story = (): string => {
    clock = new ManualClock()
    cluster = new MemoryCluster({ clock })
    createTopic('logs', 7)
    const words: string[] = []
    const members = ['a', 'b', 'c'].map((processId) => joined({ processId }))
    for (let round = 0; round < 60; round++) {
      const member = members[(round * 7) % 3]
      if (member !== undefined) words.push(next(member))
      if (round === 20) cluster.group('group').fence(members[1]?.metadata().memberId ?? '')
      clock.advance(997)
    }
    return words.join('\n')
  }
  expect(story()).toBe(story())
})
