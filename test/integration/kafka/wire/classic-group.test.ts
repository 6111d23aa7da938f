import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { GroupMemberOptions, GroupTopology } from '../../../../src/kafka/port.ts'
import type { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import type { ClusterOptions } from '../../../../src/kafka/wire/connection/cluster-options.ts'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, pause, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

const allTasks = (count: number): string[] => Array.from({ length: count }, (_, partition) => `0_${partition}`)

requireServer('kafka').describe('a classic group on a real broker', () => {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let admin: WireAdmin
  const clusters = new OpenClusters()
  let members: TestMember[] = []
  beforeAll(async () => {
    kafka = await sharedKafka()
  })
  afterEach(async () => {
    await Promise.all(members.map((member) => member.leave({ permanently: true })))
    members = []
    clusters.closeAll()
  })
  afterAll(() => kafka?.stop())

  async function newTopic(partitions: number): Promise<string> {
    admin = clusters.admin(kafka.bootstrap)
    const name = uniqueName('group-input')
    await admin.createTopics([{ name, partitions, replicationFactor: 1, configs: {} }], 20_000)
    return name
  }

  function join(
    name: string,
    groupId: string,
    topology: GroupTopology,
    more: Partial<GroupMemberOptions> = {},
    clusterOptions: Partial<ClusterOptions> = {},
  ): TestMember {
    const member = new TestMember(clusters.open(kafka.bootstrap, clusterOptions), name, groupId, topology, more).start()
    members.push(member)
    return member
  }

  const settle = (count: number) =>
    until(`${count} tasks run once each`, () => {
      const running = runningTasks(members)
      return JSON.stringify(running) === JSON.stringify(allTasks(count))
    })

  const shares = () => members.map((member) => member.active.size).sort()

  test('gives all tasks to a single member', async () => {
    const groupId = uniqueName('group')
    const only = join('a', groupId, topologyOf([await newTopic(4)]))
    await settle(4)
    expect(only.kinds()).toEqual(['assigned'])
    expect(only.member.metadata()).toMatchObject({ groupId, generation: 1, memberId: expect.stringContaining('a-') })
    expect(await admin.describeGroup(groupId)).toMatchObject({ state: 'Stable', members: [{ active: { length: 4 } }] })
  })

  test('moves tasks to a second and a third member in two steps and leaves the others alone', async () => {
    const topology = topologyOf([await newTopic(6)])
    const groupId = uniqueName('group')
    const first = join('a', groupId, topology)
    await settle(6)
    first.forgetTold()
    join('b', groupId, topology)
    await until('two members share', () => shares().join() === '3,3')
    expect(first.kinds()).toEqual(['revoked'])
    expect(first.told).toMatchObject([{ tasks: { length: 3 } }])
    join('c', groupId, topology)
    await until('three members share', () => shares().join() === '2,2,2')
    await settle(6)
    expect(first.told).toMatchObject([{ kind: 'revoked' }, { kind: 'revoked', tasks: { length: 1 } }])
  })

  test('does not give a task away before its holder has acknowledged', async () => {
    const topology = topologyOf([await newTopic(2)])
    const groupId = uniqueName('group')
    const holder = join('a', groupId, topology)
    await settle(2)
    holder.acknowledges = false
    const taker = join('b', groupId, topology)
    await until('the holder is asked to give back', () => holder.kinds().includes('revoked'))
    await pause(600)
    expect(taker.active.size).toBe(0)
    holder.acknowledges = true
    await until('the taker has it', () => taker.active.size === 1)
    await settle(2)
  })

  test('gives back what a member had that left', async () => {
    const topology = topologyOf([await newTopic(4)])
    const groupId = uniqueName('group')
    const stays = join('a', groupId, topology)
    const leaves = join('b', groupId, topology)
    await until('both share', () => shares().join() === '2,2')
    await leaves.leave()
    leaves.active.clear()
    await until('the other has all', () => stays.active.size === 4)
  })

  test('takes over from a member that died, after its session', async () => {
    const topology = topologyOf([await newTopic(4)])
    const groupId = uniqueName('group')
    const stays = join('a', groupId, topology)
    const cluster = clusters.open(kafka.bootstrap)
    const dies = new TestMember(cluster, 'b', groupId, topology, { sessionTimeoutMs: 3000 }).start()
    await until('both share', () => stays.active.size === 2 && dies.active.size === 2)
    dies.hang()
    cluster.close()
    await until('the other has all', () => stays.active.size === 4)
  })

  test('takes the tasks of a member that hangs, which then hears that it lost them and comes back', async () => {
    const topology = topologyOf([await newTopic(4)])
    const groupId = uniqueName('group')
    const stays = join('a', groupId, topology)
    const hangs = join('b', groupId, topology, { rebalanceTimeoutMs: 3000 })
    await until('both share', () => shares().join() === '2,2')
    hangs.forgetTold()
    hangs.hang()
    await until('the other has all', () => stays.active.size === 4)
    hangs.resume()
    await until('both share again', () => shares().join() === '2,2')
    expect(hangs.kinds()).toEqual(['lost', 'assigned'])
  })

  test('a member that does not acknowledge in time loses its tasks', async () => {
    const topology = topologyOf([await newTopic(2)])
    const groupId = uniqueName('group')
    const stubborn = join('a', groupId, topology, { rebalanceTimeoutMs: 2000 })
    await settle(2)
    stubborn.acknowledges = false
    const taker = join('b', groupId, topology)
    await until('the other has all', () => taker.active.size === 2)
    await until('it hears of its loss', () => stubborn.kinds().includes('lost'))
  })

  test('a static member comes back to its tasks without a rebalance', async () => {
    const topology = topologyOf([await newTopic(4)])
    const groupId = uniqueName('group')
    const other = join('a', groupId, topology, { instanceId: 'i-a' })
    const restarts = join('b', groupId, topology, { instanceId: 'i-b' })
    await until('both share', () => shares().join() === '2,2')
    other.forgetTold()
    const had = [...restarts.active].sort()
    await restarts.leave()
    members = members.filter((member) => member !== restarts)
    const again = join('b', groupId, topology, { instanceId: 'i-b' })
    await until('it is back', () => again.active.size === 2)
    expect([...again.active].sort()).toEqual(had)
    expect(other.kinds()).toEqual([])
  })

  test('a static member that comes back with one more subtopology gets the tasks of both', async () => {
    const before = topologyOf([await newTopic(2)])
    const added = topologyOf([await newTopic(2)]).subtopologies.map((each) => ({ ...each, id: 1 }))
    const groupId = uniqueName('group')
    const first = join('a', groupId, before, { instanceId: 'pod-0' })
    await settle(2)
    await first.leave()
    members = []
    const again = join('a', groupId, { subtopologies: [...before.subtopologies, ...added] }, { instanceId: 'pod-0' })
    await until('it has all four', () => again.active.size === 4, 20_000)
    expect([...again.active].sort()).toEqual(['0_0', '0_1', '1_0', '1_1'])
  })

  test('a second process with the same instance id fences the first for good', async () => {
    const topology = topologyOf([await newTopic(2)])
    const groupId = uniqueName('group')
    const first = join('a', groupId, topology, { instanceId: 'same' })
    await settle(2)
    join('b', groupId, topology, { instanceId: 'same' })
    await until('the first fails', () => first.failure !== undefined)
    expect(first.failure).toMatchObject({
      code: 'FENCED_INSTANCE_ID',
      message: expect.stringContaining('instance same'),
    })
    expect(first.active.size).toBe(0)
    await settle(2)
  })

  test('makes the internal topics with the partitions of their source', async () => {
    const changelog = uniqueName('changelog')
    join('a', uniqueName('group'), topologyOf([await newTopic(3)], changelog))
    await settle(3)
    const [topic] = await admin.describeTopics([changelog])
    expect(topic?.partitions).toHaveLength(3)
    expect((await admin.describeTopicConfigs([changelog])).get(changelog)).toMatchObject({
      'cleanup.policy': 'compact',
    })
  })

  test('places standbys in other processes and promotes them when the active leaves', async () => {
    const topology = topologyOf([await newTopic(4)], uniqueName('changelog'))
    const groupId = uniqueName('group')
    const first = join('a', groupId, topology, { standbyReplicas: 1 })
    const second = join('b', groupId, topology, { standbyReplicas: 1 })
    await until('both share', () => shares().join() === '2,2' && members.every((member) => member.standby.size === 2))
    expect([...first.standby].sort()).toEqual([...second.active].sort())
    await second.leave()
    second.active.clear()
    await until('the standbys are active', () => first.active.size === 4 && first.standby.size === 0)
    expect(first.told.at(-1)).toMatchObject({ kind: 'assigned', active: { length: 2 } })
  })

  test('hands out new partitions', async () => {
    const topic = await newTopic(2)
    const groupId = uniqueName('group')
    join('a', groupId, topologyOf([topic]), {}, { metadataMaxAgeMs: 300 })
    await settle(2)
    await admin.createPartitions(topic, 5)
    await settle(5)
  })

  test('waits for source topics that do not exist yet', async () => {
    admin = clusters.admin(kafka.bootstrap)
    const topic = uniqueName('late')
    const early = join('a', uniqueName('group'), topologyOf([topic]))
    await until('it is in the group', () => early.member.metadata().generation > 0)
    expect(early.told).toEqual([])
    await admin.createTopics([{ name: topic, partitions: 2, replicationFactor: 1, configs: {} }], 20_000)
    await settle(2)
  })

  test('refuses topics that are joined with unequal partition counts', async () => {
    const topics = [await newTopic(2), await newTopic(3)]
    const member = join('a', uniqueName('group'), topologyOf(topics))
    await until('it fails', () => member.failure !== undefined)
    expect(member.failure).toMatchObject({
      code: 'NOT_COPARTITIONED',
      message: expect.stringContaining('equal partition counts'),
    })
  })

  test('a member with another topology is refused, and the other members continue', async () => {
    const groupId = uniqueName('group')
    const one = await newTopic(2)
    const other = await newTopic(2)
    const first = join('a', groupId, topologyOf([one]))
    await settle(2)
    const stranger = join('b', groupId, topologyOf([other]))
    await until('the stranger fails', () => stranger.failure !== undefined)
    expect(stranger.failure).toMatchObject({ code: 'INCONSISTENT_GROUP_PROTOCOL' })
    expect(first.active.size).toBe(2)
    expect(first.kinds()).toEqual(['assigned'])
  })

  test('commits continue during rebalances, and are refused after the member lost its tasks', async () => {
    const topic = await newTopic(4)
    const topology = topologyOf([topic])
    const groupId = uniqueName('group')
    const first = join('a', groupId, topology, { rebalanceTimeoutMs: 5000 })
    await settle(4)
    const metadata = first.member.metadata()
    const cluster = clusters.open(kafka.bootstrap)
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
      join(name, groupId, topology)
      await settle(4)
    }
    isOver = true
    await committing
    expect(await fetchCommitted(cluster, groupId, [{ topic, partition: 0 }], 10_000)).toMatchObject([
      { offset: committed },
    ])
    first.hang()
    await until('the others have all', () => runningTasks(members.slice(1)).length === 4)
    const late = commitOffsets(cluster, [{ topic, partition: 0, offset: 1, metadata: '' }], metadata, 10_000)
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED', consequence: 'task-migrated' })
  })
})
