import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { defineTopology, type StreamsConfig, string, tumblingWindows, untilWindowCloses } from '../../../src/index.ts'
import { Replays } from '../../../src/replay/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'

const name = `paused-${randomUUID()}`
const [input, output, late] = [`${name}-in`, `${name}-out`, `${name}-late`]
const texts = { key: string(), value: string() }
const baseMs = Math.floor(Date.now() / 1000) * 1000 - 60_000

const topology = defineTopology('idle-replay', (builder) => {
  builder
    .stream(input, texts)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 0 }), { late: (records) => records.to(late) })
    .count({ store: 'counts', retentionMs: 600_000 })
    .suppress(untilWindowCloses())
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs - baseMs}`, String(count)])
    .to(output, texts)
})

requireServer('kafka').describe('a replay on a real broker', () => {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let peer: KafkajsPeer

  beforeAll(async () => {
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
  })

  afterAll(async () => {
    await peer?.close()
    await kafka?.stop()
  })

  async function linesOf(topic: string): Promise<readonly string[]> {
    return (await peer.readAll(topic)).map(({ key, value }) => `${key}=${value}`)
  }

  test('closes on idle input where the live application did', async () => {
    await peer.createTopics({ [input]: 1, [output]: 1, [late]: 1 })
    const config: StreamsConfig = {
      applicationId: name,
      kafka: { bootstrap: [kafka.bootstrap] },
      commitIntervalMs: 200,
      windowIdleMs: 200,
      keepStreamTime: true,
    }
    const record = (atMs: number) => ({ key: 'a', value: 'x', timestampMs: baseMs + atMs })
    const live = await startWatchedStreams(config, topology.build())
    await peer.send(input, [record(0), record(100)])
    await peer.untilCount(output, 1)
    // By record times alone both would still be in the first window.
    await peer.send(input, [record(200), record(1500)])
    await peer.untilCount(output, 2)
    await peer.untilCount(late, 1)
    await live.close()

    const replays = await Replays.open(config, topology)
    await replays.plan({ id: 'again' })
    expect(await replays.run('again')).toBe('done')
    await replays.close()

    expect(await linesOf(output)).toEqual(['a@0=2', 'a@1000=1'])
    expect(await linesOf(`${output}-replay-${name}-again`)).toEqual(await linesOf(output))
    expect(await linesOf(`${late}-replay-${name}-again`)).toEqual(await linesOf(late))
  }, 120_000)
})
