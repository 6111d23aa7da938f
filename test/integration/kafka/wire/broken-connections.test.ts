import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { apiVersionsApi } from '../../../../src/kafka/wire/protocol/generated/api-versions.ts'
import { heartbeatApi } from '../../../../src/kafka/wire/protocol/generated/heartbeat.ts'
import { metadataApi } from '../../../../src/kafka/wire/protocol/generated/metadata.ts'
import { bestOf, timed } from '../../../support/best-of.ts'
import { type ProxiedKafka, startProxiedKafka } from '../../../support/proxied-kafka.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, pause, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

/** Every API of the driver's control plane, by key, with something that uses it. */
type Use = (tools: {
  readonly cluster: Cluster
  readonly admin: WireAdmin
  readonly topic: string
  readonly groupId: string
}) => Promise<unknown>

const nobody = (groupId: string) => ({ groupId, generation: -1, memberId: '', instanceId: undefined })
const uses: readonly (readonly [apiKey: number, name: string, use: Use])[] = [
  [18, 'ApiVersions', ({ cluster }) => cluster.refresh()],
  [3, 'Metadata', ({ cluster }) => cluster.refresh()],
  [
    2,
    'ListOffsets',
    ({ admin, topic }) => admin.listOffsets([{ topic, partition: 0, at: 'latest' }], 'read_committed'),
  ],
  [
    10,
    'FindCoordinator',
    ({ cluster, groupId }) => fetchCommitted(cluster, groupId, [{ topic: 't', partition: 0 }], 20_000),
  ],
  [
    9,
    'OffsetFetch',
    ({ cluster, topic, groupId }) => fetchCommitted(cluster, groupId, [{ topic, partition: 0 }], 20_000),
  ],
  [
    8,
    'OffsetCommit',
    ({ cluster, topic, groupId }) =>
      commitOffsets(cluster, [{ topic, partition: 0, offset: 1, metadata: '' }], nobody(groupId), 20_000),
  ],
  [
    19,
    'CreateTopics',
    ({ admin }) =>
      admin.createTopics([{ name: uniqueName('faults'), partitions: 1, replicationFactor: 1, configs: {} }], 20_000),
  ],
  [20, 'DeleteTopics', ({ admin }) => admin.deleteTopics([uniqueName('absent')])],
  [21, 'DeleteRecords', ({ admin, topic }) => admin.deleteRecords([{ topic, partition: 0, offset: 0 }])],
  [32, 'DescribeConfigs', ({ admin, topic }) => admin.describeTopicConfigs([topic])],
  [44, 'IncrementalAlterConfigs', ({ admin, topic }) => admin.alterTopicConfigs(topic, { 'retention.ms': '9999999' })],
  [37, 'CreatePartitions', ({ admin, cluster }) => growNewTopic(admin, cluster)],
  [16, 'ListGroups', ({ admin }) => admin.listGroups()],
  [15, 'DescribeGroups', ({ admin }) => admin.describeGroup('described')],
  [42, 'DeleteGroups', ({ admin }) => admin.deleteGroups([uniqueName('absent')])],
]

async function growNewTopic(admin: WireAdmin, cluster: Cluster): Promise<void> {
  const name = uniqueName('faults')
  await admin.createTopics([{ name, partitions: 1, replicationFactor: 1, configs: {} }], 20_000)
  await admin.createPartitions(name, 3)
  await cluster.refresh([name])
  expect(cluster.topicMetadata(name)?.partitions).toHaveLength(3)
}

requireServer('kafka').describe('connections that break, to a real broker', () => {
  const clusters = new OpenClusters()
  const topic = uniqueName('faults')
  let kafka: ProxiedKafka
  let cluster: Cluster
  let admin: WireAdmin
  let members: TestMember[] = []
  beforeAll(async () => {
    kafka = await startProxiedKafka({ 'connections.max.idle.ms': '2500' })
    await new WireAdmin(clusters.open(kafka.bootstrap)).createTopics(
      [{ name: topic, partitions: 4, replicationFactor: 1, configs: {} }],
      20_000,
    )
    const offset = { topic, partition: 0, offset: 0, metadata: '' }
    await commitOffsets(clusters.open(kafka.bootstrap), [offset], nobody('described'), 20_000)
  })
  beforeEach(() => {
    cluster = clusters.open(kafka.bootstrap)
    admin = new WireAdmin(cluster)
  })
  afterEach(async () => {
    kafka.proxy.heal()
    await Promise.all(members.map((member) => member.leave()))
    members = []
    clusters.closeAll()
  })
  afterAll(() => kafka?.stop())

  const stages = ['request', 'response'] as const
  test.each(uses.flatMap(([apiKey, name, use]) => stages.map((stage) => [name, stage, apiKey, use] as const)))(
    'heal by themselves: %s, cut at its %s',
    async (_, stage, apiKey, use) => {
      const cut = kafka.proxy.cutNext(apiKey, stage)
      await use({ cluster, admin, topic, groupId: uniqueName('group') })
      await cut
    },
  )

  test('connections are opened again after all of them were cut', async () => {
    await cluster.refresh([topic])
    kafka.proxy.cutAll()
    await cluster.refresh([topic])
    expect(cluster.leaderOf(topic, 0)?.leaderId).toBe(1)
  })

  test('that the broker closed for idleness are replaced without an error', async () => {
    await cluster.refresh([topic])
    const node = [...cluster.metadata.nodes.keys()][0] as number
    const body = { topics: [], allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false }
    await cluster.request(node, metadataApi, body)
    const before = kafka.proxy.accepted
    await until('the broker closed them', () => cluster.health().brokers.every((broker) => !broker.isConnected))
    await expect(cluster.request(node, metadataApi, body)).resolves.toMatchObject({ errorCode: 0 })
    expect(kafka.proxy.accepted).toBeGreaterThan(before)
  })

  test('that swallow everything reject at the deadline and are left', async () => {
    await cluster.refresh([topic])
    kafka.proxy.blackHole()
    const refused = () => expect(cluster.refresh([topic], 600)).rejects.toMatchObject({ consequence: 'retriable' })
    expect(await bestOf(1500, () => timed(refused))).toBeLessThan(1500)
    kafka.proxy.heal()
    await cluster.refresh([topic], 60_000)
  })

  test('a late answer does not confuse the answers after it', async () => {
    await cluster.refresh([topic])
    let isFirst = true
    kafka.proxy.onResponse(({ apiKey }) => {
      if (apiKey !== metadataApi.key || !isFirst) return 'pass'
      isFirst = false
      return { delayMs: 700 }
    })
    await expect(cluster.refresh([topic], 300)).rejects.toMatchObject({ consequence: 'retriable' })
    await cluster.refresh([topic], 60_000)
    expect(cluster.topicMetadata(topic)?.partitions).toHaveLength(4)
  })

  test('answers that are not Kafka close the connection and are asked for again', async () => {
    await cluster.refresh([topic])
    let isFirst = true
    kafka.proxy.onResponse(({ apiKey }, frame) => {
      if (apiKey !== metadataApi.key || !isFirst) return 'pass'
      isFirst = false
      return {
        replaceBy: Buffer.concat([Buffer.from([0, 0, 0, 9]), frame.subarray(4, 8), Buffer.from('ffffffffff', 'hex')]),
      }
    })
    const before = kafka.proxy.accepted
    await cluster.refresh([topic], 60_000)
    expect(isFirst).toBe(false)
    expect(kafka.proxy.accepted).toBeGreaterThan(before)
  })

  test('never make a hot loop while the broker hangs up on everybody', async () => {
    kafka.proxy.onRequest(({ apiKey }) => (apiKey === apiVersionsApi.key ? 'cut' : 'pass'))
    const before = kafka.proxy.accepted
    const waiting = Array.from({ length: 20 }, () => cluster.refresh([topic], 2000).catch((error: unknown) => error))
    const outcomes = await Promise.all(waiting)
    expect(outcomes).toEqual(Array(20).fill(expect.objectContaining({ consequence: 'retriable' })))
    expect(kafka.proxy.accepted - before).toBeLessThan(20)
  })

  const heartbeatIntervalMs = 200

  async function startTwoMembers(sessionTimeoutMs = 3000): Promise<[TestMember, TestMember]> {
    const groupId = uniqueName('group')
    const options = { sessionTimeoutMs, heartbeatIntervalMs }
    members = ['a', 'b'].map((name) =>
      new TestMember(clusters.open(kafka.bootstrap), name, groupId, topologyOf([topic]), options).start(),
    )
    await until('both share', () => members.every((member) => member.active.size === 2))
    for (const member of members) member.forgetTold()
    return members as [TestMember, TestMember]
  }

  const allTasks = '0_0,0_1,0_2,0_3'

  test('a group does not notice a connection that was cut between heartbeats', async () => {
    const sessionTimeoutMs = 6000
    const [first, second] = await startTwoMembers(sessionTimeoutMs)
    kafka.proxy.cutAll()
    const beats = kafka.proxy.requestsOf(heartbeatApi.key)
    const beatsOfSession = (2 * sessionTimeoutMs) / heartbeatIntervalMs
    await until('both beat on', () => kafka.proxy.requestsOf(heartbeatApi.key) > beats + beatsOfSession)
    expect([first.kinds(), second.kinds()]).toEqual([[], []])
  })

  test.each([
    [11, 'JoinGroup', 'request'],
    [11, 'JoinGroup', 'response'],
    [14, 'SyncGroup', 'request'],
    [14, 'SyncGroup', 'response'],
    [12, 'Heartbeat', 'request'],
    [12, 'Heartbeat', 'response'],
  ] as const)('a group survives a cut at key %d, %s, its %s', async (apiKey, _, stage) => {
    await startTwoMembers()
    const cut = kafka.proxy.cutNext(apiKey, stage)
    const third = new TestMember(
      clusters.open(kafka.bootstrap),
      'c',
      members[0]?.member.metadata().groupId ?? '',
      topologyOf([topic]),
    )
    members.push(third.start())
    await cut
    await until('all tasks run once', () => third.active.size >= 1 && runningTasks(members).join() === allTasks)
  })

  test('a member that was cut off for longer than its session loses its tasks and comes back', async () => {
    const [first, second] = await startTwoMembers()
    kafka.proxy.blackHole()
    await pause(9000)
    kafka.proxy.heal()
    await until('they hear of it', () => [...first.kinds(), ...second.kinds()].includes('lost'))
    await until(
      'both share again',
      () => members.every((member) => member.active.size === 2) && runningTasks(members).join() === allTasks,
    )
  })
})
