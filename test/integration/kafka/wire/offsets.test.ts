import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, uniqueName } from './brokers.ts'

requireServer('kafka').describe('committed offsets on a real broker', () => {
  let kafka: KafkaCluster
  let cluster: Cluster
  const clusters = new OpenClusters()
  const topic = uniqueName('offsets')
  const nobody = (groupId: string) => ({ groupId, generation: -1, memberId: '', instanceId: undefined })
  beforeAll(async () => {
    kafka = await startKafka()
    cluster = clusters.open(kafka.bootstrap)
    await new WireAdmin(cluster).createTopics(
      [{ name: topic, partitions: 2, replicationFactor: 1, configs: {} }],
      20_000,
    )
  })
  afterAll(async () => {
    clusters.closeAll()
    await kafka?.stop()
  })

  test('can be committed first thing on a new cluster, where their topic does not exist yet', async () => {
    const offset = { topic, partition: 0, offset: 17, metadata: 'AgAAAZ' }
    await commitOffsets(cluster, [offset], nobody('first'), 20_000)
    expect(
      await fetchCommitted(
        cluster,
        'first',
        [
          { topic, partition: 0 },
          { topic, partition: 1 },
        ],
        20_000,
      ),
    ).toEqual([{ ...offset, leaderEpoch: -1 }])
  })

  test('a missing group has no offsets', async () => {
    expect(await fetchCommitted(cluster, uniqueName('group'), [{ topic, partition: 0 }], 20_000)).toEqual([])
  })

  test('are refused for a member that the group does not know', async () => {
    const stranger = { groupId: 'first', generation: 3, memberId: 'stranger', instanceId: undefined }
    const commit = commitOffsets(cluster, [{ topic, partition: 0, offset: 18, metadata: '' }], stranger, 20_000)
    await expect(commit).rejects.toMatchObject({ code: 'GROUP_FENCED', consequence: 'task-migrated' })
  })

  test('with metadata that is too large are refused for good', async () => {
    const commit = commitOffsets(
      cluster,
      [{ topic, partition: 0, offset: 18, metadata: 'x'.repeat(5000) }],
      nobody('first'),
      20_000,
    )
    await expect(commit).rejects.toMatchObject({ code: 'OFFSET_METADATA_TOO_LARGE', consequence: 'fatal' })
  })

  test('of a group are answered while a transaction of it is open: those that were committed before', async () => {
    const group = uniqueName('group')
    await commitOffsets(cluster, [{ topic, partition: 0, offset: 3, metadata: '' }], nobody(group), 20_000)
    const producer = new kafkajs.Kafka({ brokers: [kafka.bootstrap], logLevel: kafkajs.logLevel.NOTHING }).producer({
      transactionalId: group,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    try {
      const transaction = await producer.transaction()
      const topics = [{ topic, partitions: [{ partition: 0, offset: '7' }] }]
      await transaction.sendOffsets({ consumerGroupId: group, topics })
      expect(await new WireAdmin(cluster).groupOffsets(group)).toMatchObject([{ topic, partition: 0, offset: 3 }])
      const stable = fetchCommitted(cluster, group, [{ topic, partition: 0 }], 20_000)
      await transaction.commit()
      expect(await stable).toMatchObject([{ topic, partition: 0, offset: 7 }])
    } finally {
      await producer.disconnect()
    }
  })

  test('survive a broker that dies and comes back, and are committed on after it', async () => {
    await commitOffsets(cluster, [{ topic, partition: 1, offset: 5, metadata: 'kept' }], nobody('second'), 20_000)
    await kafka.kill(1)
    const commit = commitOffsets(
      cluster,
      [{ topic, partition: 0, offset: 6, metadata: 'later' }],
      nobody('second'),
      60_000,
    )
    await kafka.restart(1)
    await commit
    expect(
      await fetchCommitted(
        cluster,
        'second',
        [
          { topic, partition: 0 },
          { topic, partition: 1 },
        ],
        20_000,
      ),
    ).toMatchObject([
      { topic, partition: 0, offset: 6, metadata: 'later' },
      { topic, partition: 1, offset: 5, metadata: 'kept' },
    ])
  })
})
