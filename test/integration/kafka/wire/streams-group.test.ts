import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { GroupMemberOptions, GroupTopology } from '../../../../src/kafka/port.ts'
import type { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'

import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

const allTasks = (count: number): string[] => Array.from({ length: count }, (_, partition) => `0_${partition}`)

requireServer('kafka').describe('a streams group on a real broker', () => {
  let kafka: KafkaCluster
  let admin: WireAdmin
  const clusters = new OpenClusters()
  let members: TestMember[] = []
  beforeAll(async () => {
    kafka = await startKafka()
    admin = clusters.admin(kafka.bootstrap)
  })
  afterEach(async () => {
    await Promise.all(members.map((member) => member.leave()))
    members = []
    clusters.closeAll()
    admin = clusters.admin(kafka.bootstrap)
  })
  afterAll(() => kafka?.stop())

  async function newTopic(partitions: number): Promise<string> {
    const name = uniqueName('group-input')
    await admin.createTopics([{ name, partitions, replicationFactor: 1, configs: {} }], 20_000)
    return name
  }

  function join(
    name: string,
    groupId: string,
    topology: GroupTopology,
    more: Partial<GroupMemberOptions> = {},
  ): TestMember {
    const options = { protocol: 'streams' as const, ...more }
    const member = new TestMember(clusters.open(kafka.bootstrap), name, groupId, topology, options).start()
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
    expect(only.member.metadata()).toMatchObject({
      groupId,
      generation: expect.any(Number),
      memberId: expect.stringMatching(/^[\w-]{22}$/),
    })
  })

  test('moves tasks to a second and a third member and leaves the others alone', async () => {
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
})
