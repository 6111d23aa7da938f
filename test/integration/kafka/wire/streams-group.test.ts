import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import type { GroupMemberOptions, GroupTopology } from '../../../../src/kafka/port.ts'
import type { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import type { ClusterOptions } from '../../../../src/kafka/wire/connection/cluster-options.ts'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { describeConfigsApi } from '../../../../src/kafka/wire/protocol/generated/describe-configs.ts'
import { incrementalAlterConfigsApi } from '../../../../src/kafka/wire/protocol/generated/incremental-alter-configs.ts'
import {
  type StreamsGroupHeartbeatResponse,
  streamsGroupHeartbeatApi,
} from '../../../../src/kafka/wire/protocol/generated/streams-group-heartbeat.ts'
import { bestOf, timed } from '../../../support/best-of.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, pause, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

const allTasks = (count: number): string[] => Array.from({ length: count }, (_, partition) => `0_${partition}`)
const groupResource = 32

requireServer('kafka').describe('a streams group on a real broker', () => {
  let kafka: KafkaCluster
  let admin: WireAdmin
  const clusters = new OpenClusters()
  let members: TestMember[] = []
  beforeAll(async () => {
    // A node that is killed is let in again when its session at the controller is over.
    kafka = await startKafka({ extra: { 'broker.session.timeout.ms': '6000' } })
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

  const open = (options: Partial<ClusterOptions> = {}): Cluster => clusters.open(kafka.bootstrap, options)

  function join(
    name: string,
    groupId: string,
    topology: GroupTopology,
    more: Partial<GroupMemberOptions> = {},
    cluster = open(),
  ): TestMember {
    const times = { sessionTimeoutMs: 10_000, heartbeatIntervalMs: 500 }
    const member = new TestMember(cluster, name, groupId, topology, { protocol: 'streams', ...times, ...more }).start()
    members.push(member)
    return member
  }

  const settle = (count: number) =>
    until(`${count} tasks run once each`, () => {
      const running = runningTasks(members)
      return JSON.stringify(running) === JSON.stringify(allTasks(count))
    })

  const shares = () => members.map((member) => member.active.size).sort()

  describe('of members that come and go', () => {
    test('has tasks soon after the first join, internal topics included', async () => {
      const source = await newTopic(6)
      const tookMs = await bestOf(800, async () => {
        const topology = topologyOf([source], uniqueName('changelog'))
        const only = join('a', uniqueName('group'), topology)
        const elapsedMs = await timed(() => until('it has tasks', () => only.active.size === 6))
        await only.leave()
        return elapsedMs
      })
      members = []
      // With the broker's interval between assignments it takes more than a second.
      expect(tookMs).toBeLessThan(800)
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

    test('gives the tasks of a member that has left to the other at its next heartbeat', async () => {
      const topology = topologyOf([await newTopic(4)])
      const groupId = uniqueName('group')
      const stays = join('a', groupId, topology)
      const leaves = join('b', groupId, topology)
      await until('both share', () => shares().join() === '2,2')
      await leaves.leave()
      leaves.active.clear()
      await until('the other has all', () => stays.active.size === 4, 5_000)
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

    test('shows where a process answers queries, once it has tasks', async () => {
      const groupId = uniqueName('group')
      join('a', groupId, topologyOf([await newTopic(1)]), { applicationServer: '[::1]:9464' })
      await settle(1)
      await until('it is shown', async () => {
        const [member] = (await admin.describeGroup(groupId)).members
        return member?.applicationServer === '::1:9464'
      })
    })
  })

  /** Answers to heartbeats that bring tasks are lost, this many of them. */
  function losing(count: number, isLost: (answer: StreamsGroupHeartbeatResponse) => boolean): Cluster {
    const cluster = open()
    const request = cluster.request.bind(cluster)
    let left = count
    cluster.request = async (nodeId, api, body, options) => {
      const answer = await request(nodeId, api, body, options)
      if (api.name !== streamsGroupHeartbeatApi.name || left === 0) return answer
      if (!isLost(answer as unknown as StreamsGroupHeartbeatResponse)) return answer
      left--
      throw new MillraceError('CONNECTION_CLOSED', 'retriable', 'the answer is lost')
    }
    return cluster
  }

  describe('whose answers are lost', () => {
    const bringsTasks = ({ activeTasks }: StreamsGroupHeartbeatResponse) => (activeTasks ?? []).length > 0

    test('gives a member the tasks of an answer to its join that it has not read', async () => {
      join('a', uniqueName('group'), topologyOf([await newTopic(3)]), {}, losing(1, bringsTasks))
      await settle(3)
    })

    test('hears of a revocation that its member has not read, and gives the tasks to the next', async () => {
      const topology = topologyOf([await newTopic(4)])
      const groupId = uniqueName('group')
      const first = join(
        'a',
        groupId,
        topology,
        {},
        losing(1, (answer) => bringsTasks(answer) && answer.memberEpoch > 0 && members.length > 1),
      )
      await settle(4)
      const second = join('b', groupId, topology, {}, losing(1, bringsTasks))
      await until('both share', () => shares().join() === '2,2', 8_000)
      await settle(4)
      expect(first.kinds()).toEqual(['assigned', 'revoked'])
      expect(second.kinds()).toEqual(['assigned'])
    })

    test('keeps a member whose acknowledgement was not answered', async () => {
      const topology = topologyOf([await newTopic(4)])
      const groupId = uniqueName('group')
      // The answer to an acknowledgement is the first one with a later epoch.
      let epoch = 0
      const first = join(
        'a',
        groupId,
        topology,
        {},
        losing(1, ({ memberEpoch }) => {
          const isLater = epoch > 0 && memberEpoch > epoch
          epoch = Math.max(epoch, memberEpoch)
          return isLater && members.length > 1
        }),
      )
      await settle(4)
      join('b', groupId, topology)
      await until('both share', () => shares().join() === '2,2')
      await pause(1200)
      expect(first.kinds()).toEqual(['assigned', 'revoked'])
    })
  })

  describe('whose coordinator is killed and comes back', () => {
    test('continues with its epoch and its tasks, and its members may commit', async () => {
      const topic = await newTopic(2)
      const topology = topologyOf([topic])
      const groupId = uniqueName('group')
      // A broker of a busy machine may load the group long before it takes requests.
      const long = { sessionTimeoutMs: 60_000 }
      const [first, second] = [join('a', groupId, topology, long), join('b', groupId, topology, long)]
      await until('both share', () => shares().join() === '1,1')
      const before = members.map(({ member }) => member.metadata().generation)
      for (const member of members) member.forgetTold()
      await kafka.kill(1)
      await pause(1000)
      await kafka.restart(1)
      const owner = [first, second].find(({ active }) => active.has('0_0')) as TestMember
      const offset = { topic, partition: 0, offset: 7, metadata: '' }
      await commitOffsets(open(), [offset], owner.member.metadata(), 60_000)
      await pause(2000)
      expect(members.map((member) => member.kinds())).toEqual([[], []])
      expect(members.map(({ member }) => member.metadata().generation)).toEqual(before)
    })
  })

  describe('and its topology', () => {
    test('a group without members takes another one, and keeps its offsets', async () => {
      const topic = await newTopic(2)
      const groupId = uniqueName('group')
      const first = join('a', groupId, topologyOf([topic]))
      await settle(2)
      await commitOffsets(
        open(),
        [{ topic, partition: 1, offset: 17, metadata: 'kept' }],
        first.member.metadata(),
        10_000,
      )
      await first.leave()
      const logger = new RecordingLogger()
      members = []
      join('b', groupId, topologyOf([topic], uniqueName('changelog')), {}, open({ logger }))
      await settle(2)
      expect(logger.at('warn')).toMatchObject([
        { message: expect.stringContaining('another topology than this process') },
      ])
      expect(await fetchCommitted(open(), groupId, [{ topic, partition: 1 }], 10_000)).toMatchObject([
        { offset: 17, metadata: 'kept' },
      ])
    })

    test('a member with another one is refused while the others run, which do not notice', async () => {
      const groupId = uniqueName('group')
      const first = join('a', groupId, topologyOf([await newTopic(2)]))
      await settle(2)
      const stranger = join('b', groupId, topologyOf([await newTopic(2)]), { sessionTimeoutMs: 6_000 })
      await until('the stranger fails', () => stranger.failure !== undefined)
      expect(stranger.failure).toMatchObject({
        code: 'INCONSISTENT_GROUP_PROTOCOL',
        message: expect.stringContaining('members with another topology'),
      })
      expect(first.kinds()).toEqual(['assigned'])
    })

    test('a member waits for source topics that do not exist yet', async () => {
      const topic = uniqueName('late')
      const early = join('a', uniqueName('group'), topologyOf([topic]))
      await until('it is in the group', () => early.member.metadata().generation > 0)
      await pause(300)
      expect([early.told, early.member.isSettled]).toEqual([[], false])
      await admin.createTopics([{ name: topic, partitions: 2, replicationFactor: 1, configs: {} }], 20_000)
      await settle(2)
    })

    test('topics that are joined must have equal partition counts', async () => {
      const topics = [await newTopic(2), await newTopic(3)]
      const member = join('a', uniqueName('group'), topologyOf(topics))
      await until('it fails', () => member.failure !== undefined)
      expect(member.failure).toMatchObject({
        code: 'NOT_COPARTITIONED',
        message: expect.stringContaining('do not have the same number of partitions'),
      })
    })

    test('new partitions of a source are handed out where there are no internal topics', async () => {
      const topic = await newTopic(2)
      join('a', uniqueName('group'), topologyOf([topic]))
      await settle(2)
      await admin.createPartitions(topic, 5)
      await settle(5)
    })

    test('new partitions of a source with a changelog end the member, after its tasks are given back', async () => {
      const topic = await newTopic(2)
      const member = join('a', uniqueName('group'), topologyOf([topic], uniqueName('changelog')))
      await settle(2)
      await admin.createPartitions(topic, 4)
      await until('it fails', () => member.failure !== undefined)
      expect(member.kinds()).toEqual(['assigned', 'revoked', 'failed'])
      expect(member.failure).toMatchObject({
        code: 'INTERNAL_TOPIC_PARTITIONS',
        message: expect.stringContaining('expected 4, found 2'),
      })
    })
  })

  describe('that has members of another kind', () => {
    test('is joined when they have left', async () => {
      const topology = topologyOf([await newTopic(2)])
      const groupId = uniqueName('group')
      const classic = join('a', groupId, topology, { protocol: 'classic' })
      await settle(2)
      const logger = new RecordingLogger()
      const streams = join('b', groupId, topology, {}, open({ logger }))
      await until('it is told', () => logger.at('warn').length > 0)
      expect(logger.at('warn')[0]?.message).toContain('members with another protocol')
      await classic.leave()
      classic.active.clear()
      await until('it has all', () => streams.active.size === 2)
    })

    test('ends with them, when one of them asks all to stop', async () => {
      const groupId = uniqueName('group')
      const member = join('a', groupId, topologyOf([await newTopic(1)]))
      await settle(1)
      const { memberId, generation } = member.member.metadata()
      const cluster = open()
      const coordinator = await cluster.coordinators.find('group', groupId)
      const body = {
        groupId,
        memberId,
        memberEpoch: generation,
        endpointInformationEpoch: -1,
        shutdownApplication: true,
      }
      await cluster.request(coordinator, streamsGroupHeartbeatApi, body)
      await until('it fails', () => member.failure !== undefined)
      expect(member.failure).toMatchObject({ code: 'GROUP_SHUTDOWN', consequence: 'fatal' })
    })
  })

  test('a member cannot commit for a task that it does not have', async () => {
    const topic = await newTopic(2)
    const topology = topologyOf([topic])
    const groupId = uniqueName('group')
    const [first, second] = [join('a', groupId, topology), join('b', groupId, topology)]
    await until('both share', () => shares().join() === '1,1')
    const owner = first.active.has('0_0') ? first : second
    const other = owner === first ? second : first
    const offset = { topic, partition: 0, offset: 1, metadata: '' }
    await commitOffsets(open(), [offset], owner.member.metadata(), 10_000)
    await expect(commitOffsets(open(), [offset], other.member.metadata(), 10_000)).rejects.toMatchObject({
      code: 'GROUP_FENCED',
      message: expect.stringContaining(`commit of ${topic}-0`),
    })
  })

  describe('has the settings of its members', () => {
    async function settingsOf(groupId: string): Promise<Record<string, string | null>> {
      const body = { resources: [{ resourceType: groupResource, resourceName: groupId, configurationKeys: null }] }
      const { results } = await open().requestAny(describeConfigsApi, body)
      const names = /^streams\.(session|heartbeat|num\.standby|assignment\.interval)/
      const configs = results.flatMap((result) => result.configs).filter(({ name }) => names.test(name))
      return Object.fromEntries(configs.map(({ name, value }) => [name, value]))
    }

    test('as configs of the group, with no time between assignments', async () => {
      const groupId = uniqueName('group')
      const more = { sessionTimeoutMs: 7_000, heartbeatIntervalMs: 600, standbyReplicas: 1 }
      join('a', groupId, topologyOf([await newTopic(1)]), more)
      await settle(1)
      await until('they are set', async () => (await settingsOf(groupId))['streams.session.timeout.ms'] === '7000')
      expect(await settingsOf(groupId)).toEqual({
        'streams.session.timeout.ms': '7000',
        'streams.heartbeat.interval.ms': '600',
        'streams.num.standby.replicas': '1',
        'streams.assignment.interval.ms': '0',
      })
    })

    test('but for a time between assignments that somebody has set', async () => {
      const groupId = uniqueName('group')
      const configs = [{ name: 'streams.assignment.interval.ms', value: '700', configOperation: 0 }]
      const body = { resources: [{ resourceType: groupResource, resourceName: groupId, configs }], validateOnly: false }
      await open().requestAny(incrementalAlterConfigsApi, body)
      join('a', groupId, topologyOf([await newTopic(1)]))
      await settle(1)
      expect(await settingsOf(groupId)).toMatchObject({ 'streams.assignment.interval.ms': '700' })
    })

    test('and those of the broker, where it refuses them, which is logged', async () => {
      const groupId = uniqueName('group')
      const logger = new RecordingLogger()
      const more = { sessionTimeoutMs: 1_000, heartbeatIntervalMs: 100 }
      join('a', groupId, topologyOf([await newTopic(1)]), more, open({ logger }))
      await settle(1)
      const lines = logger.lines.filter(({ message }) => message.includes('could not be changed'))
      expect(lines.map(({ level, fields }) => [level, fields['setting']])).toEqual([
        ['warn', 'streams.session.timeout.ms'],
        ['info', 'streams.heartbeat.interval.ms'],
      ])
      expect(await settingsOf(groupId)).toMatchObject({ 'streams.assignment.interval.ms': '0' })
    })
  })
})
