import { expect, test } from '@jest/globals'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { requireServer } from '../../../support/require-server.ts'
import { pause, uniqueName, until } from './brokers.ts'
import { eachGroupRig, type GroupRig } from './group-rig.ts'
import { topologyOf } from './test-member.ts'

requireServer('kafka').describe('the topology of a streams group on a real broker', () => {
  let rig: GroupRig
  eachGroupRig(
    (made) => {
      rig = made
    },
    { protocol: 'streams', heartbeatIntervalMs: 500 },
  )

  test('a group without members takes another one, and keeps its offsets', async () => {
    const topic = await rig.newTopic(2)
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, topologyOf([topic]))
    await rig.settle(2)
    await commitOffsets(
      rig.open(),
      [{ topic, partition: 1, offset: 17, metadata: 'kept' }],
      first.member.metadata(),
      10_000,
    )
    await first.leave()
    const logger = new RecordingLogger()
    rig.members = []
    rig.join('b', groupId, topologyOf([topic], uniqueName('changelog')), {}, rig.open({ logger }))
    await rig.settle(2)
    expect(logger.at('warn')).toMatchObject([
      { message: expect.stringContaining('another topology than this process') },
    ])
    expect(await fetchCommitted(rig.open(), groupId, [{ topic, partition: 1 }], 10_000)).toMatchObject([
      { offset: 17, metadata: 'kept' },
    ])
  })

  test('a member with another one is refused while the others run, which do not notice', async () => {
    const groupId = uniqueName('group')
    const first = rig.join('a', groupId, topologyOf([await rig.newTopic(2)]))
    await rig.settle(2)
    const stranger = rig.join('b', groupId, topologyOf([await rig.newTopic(2)]), { sessionTimeoutMs: 6_000 })
    await until('the stranger fails', () => stranger.failure !== undefined)
    expect(stranger.failure).toMatchObject({
      code: 'INCONSISTENT_GROUP_PROTOCOL',
      message: expect.stringContaining('members with another topology'),
    })
    expect(first.kinds()).toEqual(['assigned'])
  })

  test('a member waits for source topics that do not exist yet', async () => {
    const topic = uniqueName('late')
    const early = rig.join('a', uniqueName('group'), topologyOf([topic]))
    await until('it is in the group', () => early.member.metadata().generation > 0)
    await pause(300)
    expect([early.told, early.member.isSettled]).toEqual([[], false])
    await rig.admin.createTopics([{ name: topic, partitions: 2, replicationFactor: 1, configs: {} }], 20_000)
    await rig.settle(2)
  })

  test('topics that are joined must have equal partition counts', async () => {
    const topics = [await rig.newTopic(2), await rig.newTopic(3)]
    const member = rig.join('a', uniqueName('group'), topologyOf(topics))
    await until('it fails', () => member.failure !== undefined)
    expect(member.failure).toMatchObject({
      code: 'NOT_COPARTITIONED',
      message: expect.stringContaining('do not have the same number of partitions'),
    })
  })

  test('new partitions of a source are handed out where there are no internal topics', async () => {
    const topic = await rig.newTopic(2)
    const only = rig.join('a', uniqueName('group'), topologyOf([topic]))
    await rig.settle(2)
    await rig.admin.createPartitions(topic, 5)
    await rig.settle(5)
    await until('it hears why', () => only.causes.length === 2)
    expect(only.causes).toEqual(['member-joined', 'topics-changed'])
  })

  test('new partitions of a source with a changelog end the member, after its tasks are given back', async () => {
    const topic = await rig.newTopic(2)
    const member = rig.join('a', uniqueName('group'), topologyOf([topic], uniqueName('changelog')))
    await rig.settle(2)
    await rig.admin.createPartitions(topic, 4)
    await until('it fails', () => member.failure !== undefined)
    expect(member.kinds()).toEqual(['assigned', 'revoked', 'failed'])
    expect(member.failure).toMatchObject({
      code: 'INTERNAL_TOPIC_PARTITIONS',
      message: expect.stringContaining('expected 4, found 2'),
    })
  })
})
