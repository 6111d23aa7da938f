import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PeerApplication } from '../../../bench/kafka-streams/peer-application.ts'
import { inputs, outputs, shopTopology } from '../../../bench/kafka-streams/shop.ts'
import { silentLogger, startStreams, StreamsBuilder, string, type Topology } from '../../../src/index.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const runs = ['java', 'millrace', 'left'] as const

requireServer('kafka').describe('a foreign-key join while rows of both sides change at once', () => {
  let kafka: KafkaCluster
  let peer: KafkajsPeer
  let folder: string
  const open: Awaited<ReturnType<typeof startStreams>>[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-foreign-keys-'))
    kafka = await startKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    const topics = runs.flatMap((run) => [...inputs, ...outputs].map((topic) => `${run}-${topic}`))
    await peer.createTopics(Object.fromEntries(topics.map((topic) => [topic, 1])))
  }, 120_000)

  afterAll(async () => {
    await PeerApplication.killAll()
    for (const streams of open) await streams.close()
    await peer?.close()
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const keptResults = { o1: 'c1:pen/Ann', o2: 'c2:pen/Bob', o3: 'c2:cup/Bob' }

  test('an inner join of Java keeps the result of a row whose change or new insertion finds no right row', async () => {
    const application = await PeerApplication.start('java', {
      bootstrap: kafka.bootstrap,
      applicationId: 'java',
      stateFolder: join(folder, 'java'),
      cacheBytes: 0,
      inputs: 'java-',
      outputs: 'java-',
    })
    expect(await resultsOf('java')).toEqual(keptResults)
    await application.close()
  }, 200_000)

  test('an inner join of millrace keeps it too', async () => {
    const streams = await started('millrace', shopTopology('millrace-', 'millrace-'))
    expect(await resultsOf('millrace')).toEqual(keptResults)
    await streams.close()
  }, 120_000)

  test('a left join answers every change', async () => {
    const texts = { key: string(), value: string() }
    const builder = new StreamsBuilder()
    builder
      .table('left-orders', { ...texts, store: 'orders' })
      .foreignKeyLeftJoin(
        builder.table('left-customers', { ...texts, store: 'customers' }),
        (_, order) => order.split(':')[0] as string,
        (order, customer) => `${order}/${customer}`,
      )
      .toStream()
      .to('left-ordered', texts)
    const streams = await started('left', builder.build())
    expect(await resultsOf('left')).toEqual({ o1: 'c1:ink/null', o2: 'c9:pen/null', o3: 'c2:cup/Bob' })
    await streams.close()
  }, 120_000)

  /** Without record caches, in which the deletion of a row and its new insertion become one change. */
  async function started(applicationId: string, topology: Topology) {
    const streams = await startStreams(
      {
        applicationId,
        kafka: { bootstrap: [kafka.bootstrap] },
        cacheBytesMax: 0,
        commitIntervalMs: 200,
        offsetReset: 'earliest',
        logger: silentLogger,
      },
      topology,
    )
    open.push(streams)
    await streams.application.waitFor('RUNNING', 60_000)
    return streams
  }

  /** The last result of each order, after changes that are processed before the answers to each other. */
  async function resultsOf(run: (typeof runs)[number]): Promise<Readonly<Record<string, string | null>>> {
    const send = (topic: string, ...rows: readonly (readonly [key: string, value: string | null])[]) =>
      peer.send(
        `${run}-${topic}`,
        rows.map(([key, value]) => ({ key, value })),
      )
    await send('customers', ['c1', 'Ann'], ['c2', 'Bob'])
    await send('orders', ['o1', 'c1:pen'], ['o2', 'c2:pen'])
    await untilResult(run, 'o1')
    await untilResult(run, 'o2')
    await Promise.all([
      send('customers', ['c1', null]),
      send('orders', ['o1', 'c1:ink'], ['o2', null], ['o2', 'c9:pen']),
    ])
    // Its answer comes behind all others: each topic has one partition.
    await send('orders', ['o3', 'c2:cup'])
    await untilResult(run, 'o3')
    return lastResults(run)
  }

  const untilResult = (run: string, order: string) =>
    until(async () => order in (await lastResults(run)), 60_000, `${order} has a result`)

  async function lastResults(run: string): Promise<Readonly<Record<string, string | null>>> {
    const records = await peer.readAll(`${run}-ordered`)
    return Object.fromEntries(records.map(({ key, value }) => [String(key), value === null ? null : String(value)]))
  }
})
