import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { commitOffsets } from '../../../../src/kafka/wire/group/offsets.ts'
import {
  type StreamsGroupHeartbeatResponse,
  streamsGroupHeartbeatApi,
} from '../../../../src/kafka/wire/protocol/generated/streams-group-heartbeat.ts'
import { bestOf, timed } from '../../../support/best-of.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { requireServer } from '../../../support/require-server.ts'
import { pause, uniqueName, until } from './brokers.ts'
import { GroupRig } from './group-rig.ts'
import { type TestMember, topologyOf } from './test-member.ts'

requireServer('kafka').describe('a streams group on a real broker', () => {
  let kafka: KafkaCluster
  let rig: GroupRig

  beforeAll(async () => {
    // A node that is killed is let in again when its session at the controller is over.
    kafka = await startKafka({ extra: { 'broker.session.timeout.ms': '6000' } })
  })
  beforeEach(() => {
    rig = new GroupRig(kafka.bootstrap, { protocol: 'streams', heartbeatIntervalMs: 500 })
  })
  afterEach(() => rig.close())
  afterAll(() => kafka?.stop())

  describe('of members that come and go', () => {
    test('has tasks soon after the first join, internal topics included', async () => {
      const source = await rig.newTopic(6)
      const tookMs = await bestOf(800, async () => {
        const topology = topologyOf([source], uniqueName('changelog'))
        const only = rig.join('a', uniqueName('group'), topology)
        const elapsedMs = await timed(() => until('it has tasks', () => only.active.size === 6))
        await only.leave()
        return elapsedMs
      })
      rig.members = []
      // With the broker's interval between assignments it takes more than a second.
      expect(tookMs).toBeLessThan(800)
    })

    test('moves tasks to a second and a third member and leaves the others alone', async () => {
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
    })

    test('gives the tasks of a member that has left to the other at its next heartbeat', async () => {
      const topology = topologyOf([await rig.newTopic(4)])
      const groupId = uniqueName('group')
      const stays = rig.join('a', groupId, topology)
      const leaves = rig.join('b', groupId, topology)
      await until('both share', () => rig.shares() === '2,2')
      await leaves.leave()
      leaves.active.clear()
      await until('the other has all', () => stays.active.size === 4, 5_000)
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

    test('ends all of them when one asks for it', async () => {
      const groupId = uniqueName('group')
      const member = rig.join('a', groupId, topologyOf([await rig.newTopic(1)]))
      await rig.settle(1)
      const { memberId, generation } = member.member.metadata()
      const cluster = rig.open()
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

    test('shows where a process answers queries, once it has tasks', async () => {
      const groupId = uniqueName('group')
      rig.join('a', groupId, topologyOf([await rig.newTopic(1)]), { applicationServer: '[::1]:9464' })
      await rig.settle(1)
      await until('it is shown', async () => {
        const [member] = (await rig.admin.describeGroup(groupId)).members
        return member?.applicationServer === '::1:9464'
      })
    })
  })

  /** A cluster that loses so many of the answers to heartbeats that are chosen. */
  function losing(count: number, isLost: (answer: StreamsGroupHeartbeatResponse) => boolean): Cluster {
    const cluster = rig.open()
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
      rig.join('a', uniqueName('group'), topologyOf([await rig.newTopic(3)]), {}, losing(1, bringsTasks))
      await rig.settle(3)
    })

    test('hears of a revocation that its member has not read, and gives the tasks to the next', async () => {
      const topology = topologyOf([await rig.newTopic(4)])
      const groupId = uniqueName('group')
      const first = rig.join(
        'a',
        groupId,
        topology,
        {},
        losing(1, (answer) => bringsTasks(answer) && answer.memberEpoch > 0 && rig.members.length > 1),
      )
      await rig.settle(4)
      const second = rig.join('b', groupId, topology, {}, losing(1, bringsTasks))
      await until('both share', () => rig.shares() === '2,2', 8_000)
      await rig.settle(4)
      expect(first.kinds()).toEqual(['assigned', 'revoked'])
      expect(second.kinds()).toEqual(['assigned'])
    })

    test('keeps a member whose acknowledgement was not answered', async () => {
      const topology = topologyOf([await rig.newTopic(4)])
      const groupId = uniqueName('group')
      // The answer to an acknowledgement is the first one with a later epoch.
      let epoch = 0
      const first = rig.join(
        'a',
        groupId,
        topology,
        {},
        losing(1, ({ memberEpoch }) => {
          const isLater = epoch > 0 && memberEpoch > epoch
          epoch = Math.max(epoch, memberEpoch)
          return isLater && rig.members.length > 1
        }),
      )
      await rig.settle(4)
      rig.join('b', groupId, topology)
      await until('both share', () => rig.shares() === '2,2')
      await pause(1200)
      expect(first.kinds()).toEqual(['assigned', 'revoked'])
    })
  })

  test('does not give away tasks that a busy member was assigned and has not begun with', async () => {
    const topology = topologyOf([await rig.newTopic(4)])
    const groupId = uniqueName('group')
    // What the busy member hears: four tasks, then half of them, which is lost, so that it says what it has.
    const answers: number[] = []
    const watched = losing(Number.POSITIVE_INFINITY, ({ activeTasks }) => {
      const tasks = (activeTasks ?? []).flatMap(({ partitions }) => partitions).length
      answers.push(tasks)
      return tasks === 2 && answers.indexOf(2) === answers.length - 1
    })
    const busy = rig.join('a', groupId, topology, {}, watched)
    busy.hang()
    await until('it is assigned all tasks', () => answers.includes(4))
    let beats = 0
    const counted = losing(Number.POSITIVE_INFINITY, () => ++beats === 0)
    const other = rig.join('b', groupId, topology, {}, counted)
    await until('it is to give half of them back', () => answers.includes(2))
    await until('it has said what it has', () => answers.length > answers.indexOf(2) + 3)
    const before = beats
    await until('the other has asked for tasks', () => beats > before + 3)
    expect([...other.active]).toEqual([])
    busy.resume()
    await until('both share', () => rig.shares() === '2,2')
    expect(busy.kinds()).toEqual(['assigned', 'revoked'])
  })

  describe('whose coordinator is killed and comes back', () => {
    test('continues with its epoch and its tasks, and its members may commit', async () => {
      const topic = await rig.newTopic(2)
      const topology = topologyOf([topic])
      const groupId = uniqueName('group')
      // A broker of a busy machine may load the group long before it takes requests.
      const long = { sessionTimeoutMs: 60_000 }
      const [first, second] = [rig.join('a', groupId, topology, long), rig.join('b', groupId, topology, long)]
      await until('both share', () => rig.shares() === '1,1')
      const before = rig.members.map(({ member }) => member.metadata().generation)
      for (const member of rig.members) member.forgetTold()
      await kafka.kill(1)
      await pause(1000)
      await kafka.restart(1)
      const owner = [first, second].find(({ active }) => active.has('0_0')) as TestMember
      const offset = { topic, partition: 0, offset: 7, metadata: '' }
      await commitOffsets(rig.open(), [offset], owner.member.metadata(), 60_000)
      await pause(2000)
      expect(rig.members.map((member) => member.kinds())).toEqual([[], []])
      expect(rig.members.map(({ member }) => member.metadata().generation)).toEqual(before)
    })
  })

  describe('that has members of another kind', () => {
    test('is joined when they have left', async () => {
      const topology = topologyOf([await rig.newTopic(2)])
      const groupId = uniqueName('group')
      const classic = rig.join('a', groupId, topology, { protocol: 'classic' })
      await rig.settle(2)
      const logger = new RecordingLogger()
      const streams = rig.join('b', groupId, topology, {}, rig.open({ logger }))
      await until('it is told', () => logger.at('warn').length > 0)
      expect(logger.at('warn')[0]?.message).toContain('members with another protocol')
      await classic.leave()
      classic.active.clear()
      await until('it has all', () => streams.active.size === 2)
    })
  })

  test('a member cannot commit for a task that it does not have', async () => {
    const topic = await rig.newTopic(2)
    const topology = topologyOf([topic])
    const groupId = uniqueName('group')
    const [first, second] = [rig.join('a', groupId, topology), rig.join('b', groupId, topology)]
    await until('both share', () => rig.shares() === '1,1')
    const owner = first.active.has('0_0') ? first : second
    const other = owner === first ? second : first
    const offset = { topic, partition: 0, offset: 1, metadata: '' }
    await commitOffsets(rig.open(), [offset], owner.member.metadata(), 10_000)
    await expect(commitOffsets(rig.open(), [offset], other.member.metadata(), 10_000)).rejects.toMatchObject({
      code: 'GROUP_FENCED',
      message: expect.stringContaining(`commit of ${topic}-0`),
    })
  })
})
