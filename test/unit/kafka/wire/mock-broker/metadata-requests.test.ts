import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import { Cluster } from '../../../../../src/kafka/wire/cluster/cluster.ts'
import { type ClusterOptions, compileClusterOptions } from '../../../../../src/kafka/wire/connection/cluster-options.ts'
import { WireAdmin } from '../../../../../src/kafka/wire/admin/admin.ts'
import { passUntil } from '../../../../support/pass-until.ts'
import { until } from '../../../../support/until.ts'
import { apiKeys, MockBroker } from '../../../../support/mock-broker.ts'

let brokers: MockBroker[] = []
let broker: MockBroker
let clock: ManualClock
const clusters: Cluster[] = []

beforeEach(async () => {
  clock = new ManualClock()
  broker = await start(1)
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }] }]
})

afterEach(async () => {
  for (const cluster of clusters.splice(0)) cluster.close()
  await Promise.all(brokers.map((each) => each.stop()))
  brokers = []
})

async function start(nodeId: number): Promise<MockBroker> {
  const started = await MockBroker.start(nodeId)
  brokers.push(started)
  return started
}

function open(options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = new Cluster(compileClusterOptions({ bootstrap: [broker.address], clock, ...options }))
  clusters.push(cluster)
  return cluster
}

const asked = (each = broker): number => each.requestsOf(apiKeys.metadata)

async function startPair(): Promise<readonly [MockBroker, MockBroker]> {
  const pair = [broker, await start(2)] as const
  for (const each of pair) {
    each.nodes = pair
    each.topics = broker.topics
  }
  return pair
}

/** Later than another broker is asked beside the first. */
function answerLate(each: MockBroker): void {
  each.on(apiKeys.metadata, async () => {
    const endMs = clock.nowMs() + 3_000
    await until(() => clock.nowMs() >= endMs)
    return each.metadataAnswer()
  })
}

async function refreshed(cluster: Cluster): Promise<void> {
  let isDone = false
  void cluster.refresh(['logs']).then(() => (isDone = true))
  await passUntil(clock, () => isDone, 10_000)
}

describe('metadata', () => {
  test('that takes longer than any first try arrives, on one connection', async () => {
    let answer: () => void = () => {}
    const isDue = new Promise<void>((resolve) => (answer = resolve))
    broker.on(apiKeys.metadata, async () => {
      await isDue
      return broker.metadataAnswer()
    })
    const cluster = open()
    const refreshed = cluster.refresh(['logs'])
    await until(() => asked() === 1, 5_000, 'a request')
    clock.advance(20_000)
    answer()
    await refreshed
    expect([asked(), broker.accepted]).toEqual([1, 1])
  })

  test('is asked of the bootstrap list when brokers that were known swallow everything', async () => {
    const known = await Promise.all([11, 12, 13, 14, 15].map(start))
    broker.nodes = known
    const cluster = open()
    await cluster.refresh(['logs'])
    for (const each of known) each.silence(apiKeys.apiVersions, apiKeys.metadata)
    broker.nodes = [broker]
    let isDone = false
    void cluster.refresh(['logs']).then(() => (isDone = true))
    await passUntil(clock, () => isDone, 10_000)
    expect([...cluster.metadata.nodes.keys()]).toEqual([1])
  })

  test('is asked of one broker only when the cluster took as long for the answer before', async () => {
    const pair = await startPair()
    const cluster = open()
    await refreshed(cluster)
    for (const each of pair) answerLate(each)
    const counts: number[] = []
    for (let round = 0; round < 2; round++) {
      const before = asked(pair[0]) + asked(pair[1])
      await refreshed(cluster)
      counts.push(asked(pair[0]) + asked(pair[1]) - before)
    }
    expect(counts).toEqual([2, 1])
  })

  test('is not asked again of a broker that still owes an answer, while another one answers', async () => {
    const pair = await startPair()
    const cluster = open()
    await refreshed(cluster)
    for (const each of pair) answerLate(each)
    await refreshed(cluster)
    const [silent, answering] = pair
    silent.silence(apiKeys.metadata)
    answering.on(apiKeys.metadata, () => answering.metadataAnswer())
    const before = asked(silent)
    for (let round = 0; round < 10; round++) await refreshed(cluster)
    expect(asked(silent) - before).toBeLessThanOrEqual(1)
  })

  test('is asked of another broker when one refuses us for good', async () => {
    const old = await start(2)
    old.offered.delete(apiKeys.metadata)
    const cluster = open({ bootstrap: [old.address, broker.address] })
    for (let round = 0; round < 4; round++) {
      let isDone = false
      void cluster.refresh(['logs']).then(() => (isDone = true))
      await passUntil(clock, () => isDone, 2_000)
    }
    expect(cluster.topicMetadata('logs')).toBeDefined()
  })

  test('rejects with the fatal error when every broker refuses us', async () => {
    broker.offered.delete(apiKeys.metadata)
    await expect(open().refresh(['logs'])).rejects.toMatchObject({ code: 'UNSUPPORTED_BROKER', consequence: 'fatal' })
  })

  test('metadata starts again at the bootstrap list when a broker demands it', async () => {
    const known = await start(2)
    broker.nodes = [known]
    const cluster = open()
    await cluster.refresh(['logs'])
    known.offered.set(apiKeys.metadata, 13)
    known.on(apiKeys.metadata, () => known.metadataAnswer(129))
    broker.nodes = [broker]
    let isDone = false
    void cluster.refresh(['logs']).then(() => (isDone = true))
    await passUntil(clock, () => isDone, 5_000)
    expect(asked(known)).toBe(1)
    expect([...cluster.metadata.nodes.keys()]).toEqual([1])
  })

  test('metadata without brokers is not accepted', async () => {
    const cluster = open()
    await cluster.refresh(['logs'])
    broker.nodes = []
    void cluster.refresh(['logs']).catch(() => {})
    await passUntil(clock, () => asked() > 2, 5_000)
    expect([...cluster.metadata.nodes.keys()]).toEqual([1])
  })

  test('is asked for at growing distances while a partition has no leader', async () => {
    broker.topics = [{ name: 'logs', partitions: [{ leader: -1 }] }]
    const cluster = open()
    void cluster.refresh(['logs'])
    await passUntil(clock, () => asked() > 0, 1_000)
    const endMs = clock.nowMs() + 10_000
    await passUntil(
      clock,
      () => {
        cluster.refreshSoon(['logs'])
        return clock.nowMs() >= endMs
      },
      11_000,
    )
    expect(asked()).toBeLessThan(20)
  })

  test.each([
    ['a caller who waits', 'logs', (cluster: Cluster) => cluster.refresh(['logs'])],
    ['a topic that was never asked for', 'new', async (cluster: Cluster) => cluster.refreshSoon(['new'])],
  ])('for %s does not keep the distance that missing leaders have grown', async (_who, topic, ask) => {
    broker.topics = [{ name: 'logs', partitions: [{ leader: -1 }] }]
    const cluster = open()
    await passUntil(
      clock,
      () => {
        cluster.refreshSoon(['logs'])
        return asked() > 5
      },
      10_000,
    )
    const answered = asked()
    await passUntil(clock, () => cluster.topicMetadata('logs') !== undefined && answered === asked(), 100)
    clock.advance(200)
    broker.topics = [...broker.topics, { name: 'new', partitions: [{ leader: 1 }] }]
    cluster.refreshSoon(['logs'])
    const before = clock.nowMs()
    void ask(cluster)
    await until(() => asked() > answered, 5_000, 'another request')
    await until(() => cluster.topicMetadata(topic) !== undefined, 5_000, 'its answer')
    expect(clock.nowMs() - before).toBe(0)
  })

  test('is asked for by age also after a refresh by age that failed', async () => {
    const cluster = open({ metadataMaxAgeMs: 60_000, requestTimeoutMs: 1_000 })
    await cluster.refresh(['logs'])
    broker.silence(apiKeys.metadata)
    await passUntil(clock, () => asked() === 2, 61_000)
    broker.on(apiKeys.metadata, () => broker.metadataAnswer())
    await passUntil(clock, () => asked() >= 3, 65_000)
  })

  test('that a description of topics shows to be old is asked for again', async () => {
    const cluster = open()
    await cluster.refresh(['logs'])
    broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }, { leader: 1 }] }]
    await new WireAdmin(cluster).describeTopics(['logs'])
    await passUntil(clock, () => cluster.topicMetadata('logs')?.partitions.length === 2, 1_000)
  })

  test('of a caller with little time does not wait for what another one asked', async () => {
    const cluster = open()
    broker.silence(apiKeys.metadata)
    void cluster.refresh(['logs']).catch(() => {})
    await until(() => asked() === 1, 5_000, 'the first request')
    let failure: unknown
    void cluster.refresh(['logs'], 500).catch((error: unknown) => (failure = error))
    await passUntil(clock, () => failure !== undefined, 1_000)
    expect(failure).toMatchObject({ code: 'REQUEST_TIMED_OUT' })
  })

  test('metadata is requested once more, even if many callers asked during the request', async () => {
    const cluster = open()
    let answer: () => void = () => {}
    const isDue = new Promise<void>((resolve) => (answer = resolve))
    broker.on(apiKeys.metadata, async () => {
      await isDue
      return broker.metadataAnswer()
    })
    cluster.refreshSoon(['logs'])
    await until(() => asked() === 1, 5_000, 'the first request')
    for (let call = 0; call < 1_000; call++) cluster.refreshSoon(['logs', `topic-${call % 3}`])
    answer()
    await passUntil(clock, () => asked() === 2, 2_000)
    await passUntil(clock, () => clock.nowMs() > 10_000, 20_000)
    expect(asked()).toBe(2)
  })
})
