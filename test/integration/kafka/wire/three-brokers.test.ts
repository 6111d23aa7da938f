import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { commitOffsets, fetchCommitted } from '../../../../src/kafka/wire/group/offsets.ts'
import { bestOf, timed } from '../../../support/best-of.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, pause, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

requireServer('kafka').describe('three real brokers', () => {
  const clusters = new OpenClusters()
  let kafka: KafkaCluster
  let members: TestMember[] = []
  let toRevive: number | undefined
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 })
  })
  afterEach(async () => {
    if (toRevive !== undefined) await kafka.restart(toRevive)
    toRevive = undefined
    await Promise.all(members.map((member) => member.leave()))
    members = []
    clusters.closeAll()
  })
  afterAll(() => kafka?.stop())

  async function newTopic(cluster: Cluster, partitions: number): Promise<string> {
    const name = uniqueName('three')
    await new WireAdmin(cluster).createTopics([{ name, partitions, replicationFactor: 3, configs: {} }], 30_000)
    await cluster.refresh([name])
    return name
  }

  async function kill(node: number): Promise<void> {
    toRevive = node
    await kafka.kill(node)
  }

  test('all are found from any one of them', async () => {
    for (const address of kafka.bootstrap.split(',')) {
      const cluster = clusters.open(address)
      await cluster.refresh()
      expect([...cluster.metadata.nodes.keys()].sort()).toEqual([1, 2, 3])
      expect(cluster.metadata.nodes.get(2)?.rack).toBe('rack-2')
    }
  })

  test('a bootstrap list with a dead and a wrong address still leads to the cluster', async () => {
    const [first] = kafka.bootstrap.split(',')
    const cluster = clusters.open(`127.0.0.1:1,no-such-host.invalid:9092,${first}`)
    await cluster.refresh([], 60_000)
    expect(cluster.metadata.nodes.size).toBe(3)
  })

  test('a dead one passes its partitions on, and the others answer at once meanwhile', async () => {
    const cluster = clusters.open(kafka.bootstrap)
    const admin = new WireAdmin(cluster)
    const topic = await newTopic(cluster, 6)
    const victim = cluster.leaderOf(topic, 0)?.leaderId as number
    const elsewhere = [1, 2, 3, 4, 5].find(
      (partition) => cluster.leaderOf(topic, partition)?.leaderId !== victim,
    ) as number
    await kill(victim)
    const ask = () => admin.listOffsets([{ topic, partition: elsewhere, at: 'latest' }], 'read_uncommitted')
    // One try: the second would find what the first has learnt.
    expect(await timed(ask)).toBeLessThan(1500)
    const all = Array.from({ length: 6 }, (_, partition) => ({ topic, partition, at: 'latest' as const }))
    expect(await admin.listOffsets(all, 'read_uncommitted')).toHaveLength(6)
    expect(cluster.leaderOf(topic, 0)?.leaderId).not.toBe(victim)
  })

  test('one that stopped answering costs a request its deadline and the others nothing', async () => {
    const cluster = clusters.open(kafka.bootstrap, { requestTimeoutMs: 3000 })
    const topic = await newTopic(cluster, 6)
    const frozen = cluster.leaderOf(topic, 0)?.leaderId as number
    kafka.pause(frozen)
    try {
      const others = [0, 1, 2, 3, 4, 5].filter((partition) => cluster.leaderOf(topic, partition)?.leaderId !== frozen)
      const ask = (partition: number) =>
        new WireAdmin(cluster).listOffsets([{ topic, partition, at: 'latest' }], 'read_uncommitted')
      expect(await bestOf(1500, () => timed(() => Promise.all(others.map(ask))))).toBeLessThan(1500)
    } finally {
      kafka.resume(frozen)
    }
  })

  test('one that stopped answering does not keep metadata and coordinators from being found', async () => {
    const cluster = clusters.open(kafka.bootstrap)
    await cluster.refresh()
    kafka.pause(2)
    try {
      const slowestOfSix = async (): Promise<number> => {
        const rounds: number[] = []
        while (rounds.length < 6) rounds.push(await timed(() => cluster.refresh()))
        return Math.max(...rounds)
      }
      expect(await bestOf(4000, slowestOfSix)).toBeLessThan(4000)
    } finally {
      kafka.resume(2)
    }
  })

  test('offsets and group outlive their coordinator', async () => {
    const cluster = clusters.open(kafka.bootstrap)
    const topic = await newTopic(cluster, 4)
    const groupId = uniqueName('group')
    members = ['a', 'b'].map((name) =>
      new TestMember(clusters.open(kafka.bootstrap), name, groupId, topologyOf([topic]), {
        sessionTimeoutMs: 10_000,
      }).start(),
    )
    await until('both share', () => members.every((member) => member.active.size === 2))
    const [first] = members as [TestMember]
    await commitOffsets(
      cluster,
      [{ topic, partition: 0, offset: 7, metadata: 'before' }],
      first.member.metadata(),
      20_000,
    )
    const coordinator = await cluster.coordinators.find('group', groupId)
    await kill(coordinator)
    await commitOffsets(
      cluster,
      [{ topic, partition: 1, offset: 8, metadata: 'after' }],
      first.member.metadata(),
      40_000,
    )
    expect(
      await fetchCommitted(
        cluster,
        groupId,
        [
          { topic, partition: 0 },
          { topic, partition: 1 },
        ],
        20_000,
      ),
    ).toMatchObject([
      { offset: 7, metadata: 'before' },
      { offset: 8, metadata: 'after' },
    ])
    await pause(1500)
    expect(runningTasks(members)).toEqual(['0_0', '0_1', '0_2', '0_3'])
    expect(members.flatMap((member) => member.kinds())).not.toContain('lost')
  })
})
