import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { GroupProtocol, GroupProtocolRequest } from '../../../../src/kafka/port.ts'
import { chooseGroupProtocol } from '../../../../src/kafka/wire/group/protocol-choice.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, uniqueName, until } from './brokers.ts'
import { TestMember, topologyOf } from './test-member.ts'

requireServer('kafka').describe('the protocol of a group', () => {
  let kafka: KafkaCluster
  const clusters = new OpenClusters()
  beforeAll(async () => {
    kafka = await startKafka()
  })
  afterEach(() => clusters.closeAll())
  afterAll(() => kafka?.stop())

  async function choose(more: Partial<GroupProtocolRequest> = {}): Promise<{ chosen: GroupProtocol; reason: unknown }> {
    const logger = new RecordingLogger()
    const chosen = await chooseGroupProtocol(clusters.open(kafka.bootstrap, { logger }), {
      groupId: uniqueName('group'),
      wanted: 'auto',
      hasInstanceId: false,
      hasPatterns: false,
      hasLocalState: false,
      standbyReplicas: 0,
      ...more,
    })
    const line = logger.lines.find(({ message }) => message === 'group protocol chosen')
    return { chosen, reason: line?.fields['reason'] }
  }

  async function inGroup(protocol: GroupProtocol, body: (groupId: string) => Promise<void>): Promise<void> {
    const groupId = uniqueName('group')
    const topic = uniqueName('input')
    await clusters
      .admin(kafka.bootstrap)
      .createTopics([{ name: topic, partitions: 1, replicationFactor: 1, configs: {} }], 20_000)
    const cluster = clusters.open(kafka.bootstrap)
    const member = new TestMember(cluster, 'a', groupId, topologyOf([topic]), { protocol }).start()
    await until('it is in the group', () => member.member.isSettled)
    await body(groupId)
    await member.leave()
  }

  describe('auto', () => {
    test('is streams where the cluster offers it and nothing needs the classic protocol', async () => {
      expect(await choose()).toMatchObject({ chosen: 'streams', reason: expect.stringContaining('offers it') })
    })

    test.each([
      [{ hasInstanceId: true }, 'static members (groupInstanceId)'],
      [{ hasPatterns: true }, 'sources that read topics by a pattern'],
      [{ hasLocalState: true }, 'tasks return to the process with their state'],
      [{ standbyReplicas: 1 }, 'standbyReplicas'],
    ])('is classic for %j', async (more, reason) => {
      expect(await choose(more)).toEqual({ chosen: 'classic', reason: expect.stringContaining(reason) })
    })

    test('is classic while the group has members of that protocol, and streams again after them', async () => {
      let left = ''
      await inGroup('classic', async (groupId) => {
        left = groupId
        expect(await choose({ groupId })).toMatchObject({
          chosen: 'classic',
          reason: 'the group has members of this protocol',
        })
      })
      expect(await choose({ groupId: left })).toMatchObject({ chosen: 'streams' })
    })

    test('is streams while the group has members of that protocol, also with state on disk', async () => {
      await inGroup('streams', async (groupId) => {
        expect(await choose({ groupId, hasLocalState: true })).toMatchObject({ chosen: 'streams' })
        expect(await choose({ groupId, hasPatterns: true })).toMatchObject({ chosen: 'classic' })
      })
    })
  })

  test('what is wanted is taken, unless it cannot be', async () => {
    expect(await choose({ wanted: 'classic' })).toMatchObject({ chosen: 'classic' })
    expect(await choose({ wanted: 'streams', hasLocalState: true, standbyReplicas: 1 })).toMatchObject({
      chosen: 'streams',
    })
    await expect(choose({ wanted: 'streams', hasPatterns: true })).rejects.toMatchObject({
      code: 'STREAMS_PROTOCOL_NOT_SUPPORTED',
      message: expect.stringContaining('sources that read topics by a pattern'),
    })
  })
})
