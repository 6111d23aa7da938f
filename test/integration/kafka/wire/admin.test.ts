import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { installKafka, javaOptions } from '../../../../scripts/kafka/install.mjs'
import type { NewTopic } from '../../../../src/kafka/port.ts'
import type { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { commitOffsets } from '../../../../src/kafka/wire/group/offsets.ts'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, uniqueName, until } from './brokers.ts'

const topicOf = (name: string, more: Partial<NewTopic> = {}): NewTopic => ({
  name,
  partitions: 3,
  replicationFactor: -1,
  configs: {},
  ...more,
})

requireServer('kafka').describe('the admin on a real broker', () => {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  const clusters = new OpenClusters()
  let admin: WireAdmin
  let cluster: Cluster
  beforeAll(async () => {
    kafka = await sharedKafka()
    admin = clusters.admin(kafka.bootstrap)
    cluster = clusters.open(kafka.bootstrap)
  })
  afterAll(async () => {
    clusters.closeAll()
    await kafka?.stop()
  })

  async function newTopic(more: Partial<NewTopic> = {}): Promise<string> {
    const name = uniqueName('admin')
    await admin.createTopics([topicOf(name, more)], 20_000)
    return name
  }

  test('makes a topic that can be described at once', async () => {
    const name = await newTopic({ partitions: 4 })
    const [topic] = await admin.describeTopics([name, uniqueName('absent')])
    expect(topic).toMatchObject({ name, topicId: expect.stringMatching(/^[\w-]{22}$/) })
    expect(topic?.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
    expect(topic?.partitions.every(({ leader, replicas }) => replicas.includes(leader))).toBe(true)
    expect(await admin.listTopics()).toContain(name)
  })

  test('does not say of a group with another protocol that there is none', async () => {
    const [topic, group] = [await newTopic(), uniqueName('group')]
    const installation = await installKafka()
    const program = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
    const options = ['--topic', topic, '--group', group, '--command-property', 'group.protocol=consumer']
    const consumer = spawn(
      installation.java,
      [...javaOptions(installation), program, '--bootstrap-server', kafka.bootstrap, ...options],
      { stdio: 'ignore' },
    )
    try {
      await until('the group is listed', async () => (await admin.listGroups()).includes(group))
      await expect(admin.describeGroup(group)).rejects.toMatchObject({
        code: 'INCONSISTENT_GROUP_PROTOCOL',
        consequence: 'fatal',
        message: expect.stringMatching(/has the protocol 'consumer'/),
      })
    } finally {
      consumer.kill('SIGKILL')
    }
  }, 90_000)

  test('says which topics it made, and does not mind those that exist', async () => {
    const old = await newTopic()
    const fresh = uniqueName('admin')
    expect(await admin.createTopics([topicOf(old), topicOf(fresh)], 20_000)).toEqual([fresh])
  })

  test('refuses a topic that the broker refuses, with its reason, and makes the others', async () => {
    const good = uniqueName('admin')
    const bad = topicOf(uniqueName('admin'), { configs: { 'no.such.config': '1' } })
    await expect(admin.createTopics([bad, topicOf(good)], 20_000)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      consequence: 'fatal',
      message: expect.stringContaining('no.such.config'),
    })
    await until('the good one is there', async () => (await admin.listTopics()).includes(good))
  })

  test('grows a topic', async () => {
    const name = await newTopic({ partitions: 1 })
    await admin.createPartitions(name, 5)
    const [topic] = await admin.describeTopics([name])
    expect(topic?.partitions).toHaveLength(5)
    await expect(admin.createPartitions(name, 2)).rejects.toMatchObject({ code: 'INVALID_PARTITIONS' })
  })

  test('reads and changes configs, and goes back to the default', async () => {
    const name = await newTopic({ configs: { 'cleanup.policy': 'compact', 'retention.ms': '1000' } })
    const config = async (key: string) => (await admin.describeTopicConfigs([name])).get(name)?.[key]
    expect([await config('cleanup.policy'), await config('retention.ms')]).toEqual(['compact', '1000'])
    await admin.alterTopicConfigs(name, { 'retention.ms': null, 'segment.bytes': '2000000' })
    await until('the change is known', async () => (await config('segment.bytes')) === '2000000')
    // The lab's brokers keep records for ever by default.
    expect([await config('cleanup.policy'), await config('retention.ms')]).toEqual(['compact', '-1'])
  })

  test('names the topic whose configs it cannot read', async () => {
    const absent = uniqueName('absent')
    const impatient = clusters.admin(kafka.bootstrap, { requestTimeoutMs: 4000 })
    await expect(impatient.describeTopicConfigs([absent])).rejects.toMatchObject({
      message: expect.stringContaining(absent),
    })
  })

  test('deletes a topic, and does not mind one that is gone', async () => {
    const name = await newTopic()
    await admin.deleteTopics([name])
    await admin.deleteTopics([name])
    expect(await admin.listTopics()).not.toContain(name)
  })

  test('answers offsets of an empty log at every place', async () => {
    const topic = await newTopic({ partitions: 2 })
    const offsets = await admin.listOffsets(
      [
        { topic, partition: 0, at: 'earliest' },
        { topic, partition: 1, at: { timestampMs: 5 } },
      ],
      'read_committed',
    )
    expect(offsets).toEqual([
      { topic, partition: 0, offset: 0 },
      { topic, partition: 1, offset: 0 },
    ])
  })

  test('refuses to look into a topic that does not exist, within its deadline', async () => {
    const impatient = clusters.admin(kafka.bootstrap, { requestTimeoutMs: 4000 })
    const lookup = impatient.listOffsets(
      [{ topic: uniqueName('absent'), partition: 0, at: 'latest' }],
      'read_uncommitted',
    )
    await expect(lookup).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
  })

  test('lists, describes and deletes groups', async () => {
    const topic = await newTopic()
    const groupId = uniqueName('group')
    const nobody = { groupId, generation: -1, memberId: '', instanceId: undefined }
    await commitOffsets(cluster, [{ topic, partition: 0, offset: 1, metadata: '' }], nobody, 20_000)
    expect(await admin.listGroups()).toContain(groupId)
    expect(await admin.describeGroup(groupId)).toEqual({ groupId, state: 'Empty', members: [] })
    await admin.deleteGroups([groupId])
    await admin.deleteGroups([groupId])
    expect(await admin.listGroups()).not.toContain(groupId)
    await expect(admin.describeGroup(groupId)).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' })
  })
})
