import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { joinGroupApi } from '../../../../src/kafka/wire/protocol/generated/join-group.ts'
import { requireServer } from '../../../support/require-server.ts'
import { pause, uniqueName, until } from './brokers.ts'
import { eachGroupRig, type GroupRig } from './group-rig.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

requireServer('kafka').describe('a classic group on a real broker', () => {
  let rig: GroupRig
  eachGroupRig((made) => {
    rig = made
  })

  test('gives all tasks to a single member', async () => {
    const groupId = uniqueName('group')
    const only = rig.join('a', groupId, topologyOf([await rig.newTopic(4)]))
    await rig.settle(4)
    expect(only.kinds()).toEqual(['assigned'])
    expect(only.member.metadata()).toMatchObject({ groupId, generation: 1, memberId: expect.stringContaining('a-') })
    expect(await rig.admin.describeGroup(groupId)).toMatchObject({
      state: 'Stable',
      members: [{ active: { length: 4 } }],
    })
  })

  test('moves tasks to a second and a third member in two steps and leaves the others alone', async () => {
    const topology = topologyOf([await rig.newTopic(6)])
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, topology)
    await rig.settle(6)
    first.forgetTold()
    rig.join('b', groupId, topology)
    await until('two members share', () => rig.shares() === '3,3')
    expect(first.kinds()).toEqual(['revoked'])
    expect(first.told).toMatchObject([{ tasks: { length: 3 } }])
    rig.join('c', groupId, topology)
    await until('three members share', () => rig.shares() === '2,2,2')
    await rig.settle(6)
    expect(first.told).toMatchObject([{ kind: 'revoked' }, { kind: 'revoked', tasks: { length: 1 } }])
  })

  test('does not give a task away before its holder has acknowledged', async () => {
    const topology = topologyOf([await rig.newTopic(2)])
    const groupId = uniqueName('group')
    const holder = rig.join('a', groupId, topology)
    await rig.settle(2)
    holder.acknowledges = false
    const taker = rig.join('b', groupId, topology)
    await until('the holder is asked to give back', () => holder.kinds().includes('revoked'))
    await pause(600)
    expect(taker.active.size).toBe(0)
    holder.acknowledges = true
    await until('the taker has it', () => taker.active.size === 1)
    await rig.settle(2)
  })

  test('gives back what a member had that left', async () => {
    const topology = topologyOf([await rig.newTopic(4)])
    const groupId = uniqueName('group')
    const stays = rig.join('a', groupId, topology)
    const leaves = rig.join('b', groupId, topology)
    await until('both share', () => rig.shares() === '2,2')
    await leaves.leave()
    leaves.active.clear()
    await until('the other has all', () => stays.active.size === 4)
  })

  test('takes over from a member that died, after its session', async () => {
    const topology = topologyOf([await rig.newTopic(4)])
    const groupId = uniqueName('group')
    const stays = rig.join('a', groupId, topology)
    const cluster = rig.open()
    const dies = new TestMember(cluster, 'b', groupId, topology, { sessionTimeoutMs: 3000 }).start()
    await until('both share', () => stays.active.size === 2 && dies.active.size === 2)
    dies.hang()
    cluster.close()
    await until('the other has all', () => stays.active.size === 4)
  })

  test('takes the tasks of a member that hangs, which then hears that it lost them and comes back', async () => {
    const topology = topologyOf([await rig.newTopic(4)])
    const groupId = uniqueName('group')
    const stays = rig.join('a', groupId, topology)
    const hangs = rig.join('b', groupId, topology, { rebalanceTimeoutMs: 3000 })
    await until('both share', () => rig.shares() === '2,2')
    hangs.forgetTold()
    hangs.hang()
    await until('the other has all', () => stays.active.size === 4)
    hangs.resume()
    await until('both share again', () => rig.shares() === '2,2')
    expect(hangs.kinds()).toEqual(['lost', 'assigned'])
  })

  test('a member that does not acknowledge in time loses its tasks', async () => {
    const topology = topologyOf([await rig.newTopic(2)])
    const groupId = uniqueName('group')
    const stubborn = rig.join('a', groupId, topology, { rebalanceTimeoutMs: 2000 })
    await rig.settle(2)
    stubborn.acknowledges = false
    const taker = rig.join('b', groupId, topology)
    await until('the other has all', () => taker.active.size === 2)
    await until('it hears of its loss', () => stubborn.kinds().includes('lost'))
  })

  test('a static member comes back to its tasks without a rebalance', async () => {
    const topology = topologyOf([await rig.newTopic(4)])
    const groupId = uniqueName('group')
    const other = rig.join('a', groupId, topology, { instanceId: 'i-a' })
    const restarts = rig.join('b', groupId, topology, { instanceId: 'i-b' })
    await until('both share', () => rig.shares() === '2,2')
    other.forgetTold()
    const had = [...restarts.active].sort()
    await restarts.leave()
    rig.members = rig.members.filter((member) => member !== restarts)
    const again = rig.join('b', groupId, topology, { instanceId: 'i-b' })
    await until('it is back', () => again.active.size === 2)
    expect([...again.active].sort()).toEqual(had)
    expect(other.kinds()).toEqual([])
  })

  test('a static member that comes back with one more subtopology gets the tasks of both', async () => {
    const before = topologyOf([await rig.newTopic(2)])
    const added = topologyOf([await rig.newTopic(2)]).subtopologies.map((each) => ({ ...each, id: 1 }))
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, before, { instanceId: 'pod-0' })
    await rig.settle(2)
    await first.leave()
    rig.members = []
    const again = rig.join(
      'a',
      groupId,
      { subtopologies: [...before.subtopologies, ...added] },
      { instanceId: 'pod-0' },
    )
    await until('it has all four', () => again.active.size === 4, 20_000)
    expect([...again.active].sort()).toEqual(['0_0', '0_1', '1_0', '1_1'])
  })

  test('a second process with the same instance id fences the first for good', async () => {
    const topology = topologyOf([await rig.newTopic(2)])
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, topology, { instanceId: 'same' })
    await rig.settle(2)
    rig.join('b', groupId, topology, { instanceId: 'same' })
    await until('the first fails', () => first.failure !== undefined)
    expect(first.failure).toMatchObject({
      code: 'FENCED_INSTANCE_ID',
      message: expect.stringContaining('instance same'),
    })
    expect(first.active.size).toBe(0)
    await rig.settle(2)
  })

  test('a static member that was not part of a generation has lost its tasks, and commits nothing for them', async () => {
    const topic = await rig.newTopic(2)
    const topology = topologyOf([topic])
    const groupId = uniqueName('group')
    const cluster = rig.open()
    const request = cluster.request.bind(cluster)
    let isCut = false
    cluster.request = async (nodeId, api, body, options) => {
      if (isCut && api.name === joinGroupApi.name)
        throw new MillraceError('CONNECTION_CLOSED', 'retriable', 'the coordinator is unreachable')
      return request(nodeId, api, body, options)
    }
    const times = { rebalanceTimeoutMs: 3000, sessionTimeoutMs: 30_000 }
    const cutOff = rig.join('a', groupId, topology, { ...times, instanceId: 'pod-0' }, cluster)
    await until('it has both', () => cutOff.active.size === 2)
    // The group keeps it (KIP-345), with what it said when it joined: that it has no tasks.
    isCut = true
    const other = rig.join('b', groupId, topology, { ...times, instanceId: 'pod-1' })
    await until('the other has a task of it', () => other.active.size > 0)
    const partition = Number([...other.active][0]?.split('_')[1])
    const offset = { topic, partition, offset: 1, metadata: '' }
    const late = commitOffsets(rig.open(), [offset], cutOff.member.metadata(), 20_000)
    isCut = false
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED', consequence: 'task-migrated' })
    await until('both share', () => rig.shares() === '1,1')
    expect(cutOff.kinds().slice(0, 2)).toEqual(['assigned', 'lost'])
  })

  test('makes the internal topics with the partitions of their source', async () => {
    const changelog = uniqueName('changelog')
    rig.join('a', uniqueName('group'), topologyOf([await rig.newTopic(3)], changelog))
    await rig.settle(3)
    const [topic] = await rig.admin.describeTopics([changelog])
    expect(topic?.partitions).toHaveLength(3)
    expect((await rig.admin.describeTopicConfigs([changelog])).get(changelog)).toMatchObject({
      'cleanup.policy': 'compact',
    })
  })

  test('places standbys in other processes and promotes them when the active leaves', async () => {
    const topology = topologyOf([await rig.newTopic(4)], uniqueName('changelog'))
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, topology, { standbyReplicas: 1 })
    const second = rig.join('b', groupId, topology, { standbyReplicas: 1 })
    await until('both share', () => rig.shares() === '2,2' && rig.members.every((member) => member.standby.size === 2))
    expect([...first.standby].sort()).toEqual([...second.active].sort())
    await second.leave()
    second.active.clear()
    await until('the standbys are active', () => first.active.size === 4 && first.standby.size === 0)
    expect(first.told.at(-1)).toMatchObject({ kind: 'assigned', active: { length: 2 } })
  })

  test('hands out new partitions', async () => {
    const topic = await rig.newTopic(2)
    const groupId = uniqueName('group')
    const only = rig.join('a', groupId, topologyOf([topic]), {}, rig.open({ metadataMaxAgeMs: 300 }))
    await rig.settle(2)
    await rig.admin.createPartitions(topic, 5)
    await rig.settle(5)
    expect(only.causes).toEqual(['member-joined', 'topics-changed'])
  })

  test('waits for source topics that do not exist yet', async () => {
    const topic = uniqueName('late')
    const early = rig.join('a', uniqueName('group'), topologyOf([topic]))
    await until('it is in the group', () => early.member.metadata().generation > 0)
    expect(early.told).toEqual([])
    await rig.admin.createTopics([{ name: topic, partitions: 2, replicationFactor: 1, configs: {} }], 20_000)
    await rig.settle(2)
  })

  test('refuses topics that are joined with unequal partition counts', async () => {
    const topics = [await rig.newTopic(2), await rig.newTopic(3)]
    const member = rig.join('a', uniqueName('group'), topologyOf(topics))
    await until('it fails', () => member.failure !== undefined)
    expect(member.failure).toMatchObject({
      code: 'NOT_COPARTITIONED',
      message: expect.stringContaining('equal partition counts'),
    })
  })

  test('a member with another topology is refused, and the other members continue', async () => {
    const groupId = uniqueName('group')
    const one = await rig.newTopic(2)
    const other = await rig.newTopic(2)
    const first = rig.join('a', groupId, topologyOf([one]))
    await rig.settle(2)
    const stranger = rig.join('b', groupId, topologyOf([other]))
    await until('the stranger fails', () => stranger.failure !== undefined)
    expect(stranger.failure).toMatchObject({ code: 'INCONSISTENT_GROUP_PROTOCOL' })
    expect(first.active.size).toBe(2)
    expect(first.kinds()).toEqual(['assigned'])
  })

  test('commits continue during rebalances, and are refused after the member lost its tasks', async () => {
    const topic = await rig.newTopic(4)
    const topology = topologyOf([topic])
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, topology, { rebalanceTimeoutMs: 5000 })
    await rig.settle(4)
    const metadata = first.member.metadata()
    const cluster = rig.open()
    let committed = 0
    let isOver = false
    const committing = (async () => {
      while (!isOver) {
        await commitOffsets(
          cluster,
          [{ topic, partition: 0, offset: committed + 1, metadata: `at ${committed}` }],
          metadata,
          10_000,
        )
        committed++
      }
    })()
    for (const name of ['b', 'c', 'd']) {
      rig.join(name, groupId, topology)
      await rig.settle(4)
    }
    isOver = true
    await committing
    expect(await fetchCommitted(cluster, groupId, [{ topic, partition: 0 }], 10_000)).toMatchObject([
      { offset: committed },
    ])
    first.hang()
    await until('the others have all', () => runningTasks(rig.members.slice(1)).length === 4)
    const late = commitOffsets(cluster, [{ topic, partition: 0, offset: 1, metadata: '' }], metadata, 10_000)
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED', consequence: 'task-migrated' })
  })
})
