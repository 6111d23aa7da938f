import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../../../src/dsl/streams-builder.ts'
import type { GroupSubtopology, GroupTopology, InternalTopic } from '../../../../../../src/kafka/port.ts'
import type { Cluster } from '../../../../../../src/kafka/wire/cluster/cluster.ts'
import { StreamsRequests } from '../../../../../../src/kafka/wire/group/streams/streams-requests.ts'
import { streamsTopology } from '../../../../../../src/kafka/wire/group/streams/streams-topology.ts'
import type { Api } from '../../../../../../src/kafka/wire/protocol/api.ts'
import { Writer } from '../../../../../../src/kafka/wire/protocol/writer.ts'
import { string } from '../../../../../../src/serde/primitives.ts'
import { goldenJoins } from './golden-joins.ts'

/** The body of the join as it goes to the broker, in hex. */
async function joinOf(groupId: string, memberId: string, processId: string, topology: GroupTopology): Promise<string> {
  const writer = new Writer()
  const cluster = {
    request: async <Request>(_node: number, api: Api<Request, unknown>, body: Request) => {
      api.encode(writer, 0, body)
      return { errorCode: 0 }
    },
  }
  const times = { sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000 }
  const member = { clientId: 'client', groupId, instanceId: undefined, ...times }
  const requests = new StreamsRequests(cluster as unknown as Cluster, member, 'lane')
  await requests.join(1, memberId, { topology, processId, clientTags: {} }, 1000)
  return writer.finish().toString('hex')
}

const bodyOf = ({ hex, headerBytes }: { readonly hex: string; readonly headerBytes: number }): string =>
  hex.slice(headerBytes * 2)

const internal = (name: string, configs: Readonly<Record<string, string>>, partitions?: number): InternalTopic => ({
  name,
  partitions,
  replicationFactor: -1,
  configs,
})
const changelog = (name: string) =>
  internal(`cp1-${name}-changelog`, { 'message.timestamp.type': 'CreateTime', 'cleanup.policy': 'compact' })
const repartition = (name: string, partitions?: number) =>
  internal(
    `cp1-${name}-repartition`,
    {
      'segment.bytes': '52428800',
      'retention.ms': '-1',
      'message.timestamp.type': 'CreateTime',
      'cleanup.policy': 'delete',
    },
    partitions,
  )
const subtopology = (id: number, more: Partial<GroupSubtopology>): GroupSubtopology => ({
  id,
  sourceTopics: [],
  patternTopics: [],
  repartitionSourceTopics: [],
  repartitionSinkTopics: [],
  changelogTopics: [],
  copartitionGroups: [],
  ...more,
})

const keySelect = 'KSTREAM-KEY-SELECT-0000000039'
const sources = ['zeta-topic', 'orders', 'alpha', 'x1', 'products', 'customers', 'b-tbl']

/** All lists in an order that is not Java's. */
const copartitioned: GroupTopology = {
  subtopologies: [
    subtopology(2, {
      sourceTopics: [`cp1-${keySelect}-repartition`, 'cp1-yy-repartition'],
      repartitionSourceTopics: [repartition('yy', 4), repartition(keySelect)],
      changelogTopics: [changelog('KSTREAM-TOTABLE-STATE-STORE-0000000052')],
      copartitionGroups: [['cp1-yy-repartition', `cp1-${keySelect}-repartition`]],
    }),
    subtopology(0, {
      sourceTopics: sources,
      repartitionSinkTopics: ['cp1-zz-repartition', `cp1-${keySelect}-repartition`],
      changelogTopics: [
        changelog('zeta-topic-STATE-STORE-0000000018'),
        changelog('x1-STATE-STORE-0000000030'),
        changelog('alpha-STATE-STORE-0000000024'),
        changelog('orders-STATE-STORE-0000000000'),
        changelog('products-STATE-STORE-0000000003'),
        changelog('customers-STATE-STORE-0000000006'),
        changelog('b-tbl-STATE-STORE-0000000012'),
      ],
      copartitionGroups: [
        ['alpha', 'products', 'x1'],
        ['b-tbl', 'customers', 'orders', 'zeta-topic'],
      ],
    }),
    subtopology(1, {
      sourceTopics: ['cp1-zz-repartition'],
      repartitionSinkTopics: ['cp1-yy-repartition'],
      repartitionSourceTopics: [repartition('zz')],
      changelogTopics: [changelog('KSTREAM-AGGREGATE-STATE-STORE-0000000041')],
    }),
  ],
}

describe('a join of a streams group', () => {
  test('is the one that Kafka Streams for Java sends for the same word count, byte by byte', async () => {
    const builder = new StreamsBuilder()
    builder
      .stream('j1-in', { key: string(), value: string() })
      .groupBy((_, word) => word, { name: 'counts', key: string(), value: string() })
      .count({ store: 'counts' })
    const settings = { replicationFactor: -1, windowStoreAdditionalRetentionMs: 86_400_000 }
    const topology = { subtopologies: builder.build().groupTopology('j1', settings) }
    const join = await joinOf('j1', 'm8UnHl0nSt-4gto8qWFIlA', '0d36870d-33e6-4e31-8ce6-2ff8e34a5009', topology)
    expect(join).toBe(bodyOf(goldenJoins.wordCount))
  })

  test('has the order of sets in Java where it says indexes of joined topics', async () => {
    const process = 'fd5eea60-380b-47df-ad97-446c1f6dc775'
    const join = await joinOf('cp1', '8P-WRqLnQrGRDf7hgDF-XA', process, copartitioned)
    expect(join).toBe(bodyOf(goldenJoins.copartition))
  })

  test.each<[string, GroupSubtopology[]]>([
    [
      'subtopology 0 is named twice',
      [subtopology(0, { sourceTopics: ['a'] }), subtopology(0, { sourceTopics: ['b'] })],
    ],
    ['subtopology 0 reads no topic', [subtopology(0, {})]],
    ['subtopology 0 reads topics by a pattern', [subtopology(0, { sourceTopics: ['a'], patternTopics: ['b'] })]],
    [
      'joins topics that it does not read (b)',
      [subtopology(0, { sourceTopics: ['a'], copartitionGroups: [['a', 'b']] })],
    ],
  ])('is not sent where a broker would fail instead of answering: %s', (message, subtopologies) => {
    expect(() => streamsTopology({ subtopologies })).toThrow(
      expect.objectContaining({ code: 'STREAMS_INVALID_TOPOLOGY', message: expect.stringContaining(message) }),
    )
  })
})
