import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PeerApplication } from '../../../bench/kafka-streams/peer-application.ts'
import { inputs, outputs, shopTopology } from '../../../bench/kafka-streams/shop.ts'
import { startStreams } from '../../../src/index.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'

type Outputs = Record<(typeof outputs)[number], Record<string, string> | string[]>

const startTimeoutMs = 120_000
/** Times of the test count from here: brokers delete old records of window changelogs by their own times. */
const baseMs = Math.floor(Date.now() / 10_000) * 10_000

/** What all results are once a part of the input is processed, whoever processed the parts before. */
const afterFirst: Outputs = {
  counted: { a: '2', b: '1' },
  windowed: [],
  sessioned: { 'a@1000-2000': '2', 'b@3000-3000': '1' },
  joined: ['e1+p1', 'e2+p1'],
  ordered: { o1: 'c1:pen/Ann', o2: 'c1:ink/Ann' },
  regrouped: { c1: '2' },
}
const afterSecond: Outputs = {
  counted: { a: '3', b: '2' },
  windowed: ['a@0=3', 'b@0=1'],
  sessioned: { 'a@1000-4000': '3', 'b@3000-3000': '1', 'b@12000-12000': '1' },
  joined: ['e1+p1', 'e2+p1', 'e3+p2', 'e4+p1', 'e5+p2'],
  ordered: { o1: 'c2:pen/Bob', o2: 'c1:ink/Anna' },
  regrouped: { c1: '1', c2: '1' },
}
const afterThird: Outputs = {
  counted: { a: '4', b: '3' },
  windowed: ['a@0=3', 'b@0=1'],
  sessioned: { 'a@1000-4000': '3', 'a@13000-13000': '1', 'b@3000-3000': '1', 'b@12000-14000': '2' },
  joined: ['e1+p1', 'e2+p1', 'e3+p2', 'e4+p1', 'e4+p3', 'e5+p2', 'e6+p3'],
  ordered: { o1: 'c2:pen/Bobby', o2: 'c1:ink/Anna' },
  regrouped: { c1: '1', c2: '1' },
}

requireServer('kafka').describe('one application id, run by Kafka Streams for Java and by millrace in turn', () => {
  let kafka: KafkaCluster
  let peer: KafkajsPeer
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-takeover-'))
    kafka = await startKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    const partitionsOf = (topic: string): number => (topic === 'events' || topic === 'payments' ? 1 : 2)
    await peer.createTopics(Object.fromEntries([...inputs, ...outputs].map((topic) => [topic, partitionsOf(topic)])))
  }, startTimeoutMs)

  afterAll(async () => {
    await PeerApplication.killAll()
    await peer?.close()
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const startJava = (atEnd: 'stay' | 'leave') =>
    PeerApplication.start('java', {
      bootstrap: kafka.bootstrap,
      applicationId: 'shop',
      stateFolder: join(folder, atEnd),
      atEnd,
    })

  test('each continues with the counts, windows, sessions, joins and tables of the other, from Java to millrace and back', async () => {
    const java = await startJava('stay')
    await writeFirst()
    await expectResults(afterFirst)
    // Java leaves without a word: its session has to end before the group is free.
    await java.close()

    await withMillrace(async () => {
      await writeSecond()
      await expectResults(afterSecond)
    })

    const again = await startJava('leave')
    await writeThird()
    await expectResults(afterThird)
    await again.close()
  }, 300_000)

  async function withMillrace(body: () => Promise<void>): Promise<void> {
    const streams = await startStreams(
      { applicationId: 'shop', kafka: { bootstrap: [kafka.bootstrap] }, commitIntervalMs: 200 },
      shopTopology(),
    )
    try {
      await streams.application.waitFor('RUNNING', startTimeoutMs)
      await body()
    } finally {
      await streams.close()
    }
  }

  async function writeFirst(): Promise<void> {
    await send('customers', { c1: 'Ann@1' })
    await send('orders', { o1: 'c1:pen@2', o2: 'c1:ink@3' })
    await send('events', { a: 'e1@1000' }, { a: 'e2@2000' }, { b: 'e3@3000' })
    await send('payments', { a: 'p1@1500' })
  }

  /** Meets what the first owner left: open windows and sessions, both sides of the join, subscriptions, groups. */
  async function writeSecond(): Promise<void> {
    await send('events', { a: 'e4@4000' })
    await send('payments', { b: 'p2@3500' })
    await send('events', { b: 'e5@12000' })
    await send('customers', { c2: 'Bob@4', c1: 'Anna@5' })
    await send('orders', { o1: 'c2:pen@6' })
  }

  async function writeThird(): Promise<void> {
    await send('payments', { a: 'p3@12500' })
    await send('events', { a: 'e6@13000' }, { b: 'e7@14000' })
    await send('customers', { c2: 'Bobby@7' })
  }

  /** `value@timestamp` by key, in this order. */
  async function send(topic: string, ...groups: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const messages = groups.flatMap(Object.entries).map(([key, text]: [string, string]) => {
      const [value, time] = text.split('@') as [string, string]
      return { key, value, timestampMs: baseMs + Number(time) }
    })
    await peer.send(topic, messages)
  }

  async function expectResults(expected: Outputs): Promise<void> {
    let found = await results()
    const deadlineMs = performance.now() + 60_000
    while (!isDeepStrictEqual(found, expected) && performance.now() < deadlineMs) found = await results()
    expect(found).toEqual(expected)
  }

  async function results(): Promise<Outputs> {
    const { counted, windowed, sessioned, joined, ordered, regrouped } = Object.fromEntries(
      await Promise.all(outputs.map(async (topic) => [topic, await texts(topic)] as const)),
    ) as Record<(typeof outputs)[number], [string, string][]>
    return {
      counted: last(counted),
      windowed: windowed.map(([key, count]) => `${key}=${count}`).sort(),
      sessioned: last(sessioned),
      joined: joined.map(([, pair]) => pair).sort(),
      ordered: last(ordered),
      regrouped: last(regrouped),
    }
  }

  async function texts(topic: string): Promise<[string, string][]> {
    const found = await peer.readAll(topic)
    return found.map(({ key, value }) => [String(key).replace(/\d{13}/g, sinceBase), String(value)])
  }
})

/** The last result of each key, deleted sessions left out. */
function last(results: readonly [string, string][]): Record<string, string> {
  const entries = [...new Map(results)].filter(([, value]) => value !== 'null')
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)))
}

const sinceBase = (time: string): string => String(Number(time) - baseMs)
