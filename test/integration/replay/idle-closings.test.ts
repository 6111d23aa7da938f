import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { defineTopology, type StreamsConfig, string, tumblingWindows, untilWindowCloses } from '../../../src/index.ts'
import { Replays } from '../../../src/replay/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'

const texts = { key: string(), value: string() }
const baseMs = Math.floor(Date.now() / 1000) * 1000 - 60_000

const topology = defineTopology('idle-replay', (builder) => {
  builder
    .stream('paused-in', texts)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 0 }), { late: (late) => late.to('paused-late') })
    .count({ store: 'paused-counts', retentionMs: 600_000 })
    .suppress(untilWindowCloses())
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs - baseMs}`, String(count)])
    .to('paused-out', texts)
})

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

test('a replay on a real broker closes on idle input where the live application did', async () => {
  await peer.createTopics({ 'paused-in': 1, 'paused-out': 1, 'paused-late': 1 })
  const config: StreamsConfig = {
    applicationId: 'paused',
    kafka: { bootstrap: [kafka.bootstrap] },
    commitIntervalMs: 200,
    windowIdleMs: 200,
    keepStreamTime: true,
  }
  const record = (atMs: number) => ({ key: 'a', value: 'x', timestampMs: baseMs + atMs })
  const live = await startWatchedStreams(config, topology.build())
  await peer.send('paused-in', [record(0), record(100)])
  await peer.untilCount('paused-out', 1)
  // By record times alone both would still be in the first window.
  await peer.send('paused-in', [record(200), record(1500)])
  await peer.untilCount('paused-out', 2)
  await peer.untilCount('paused-late', 1)
  await live.close()

  const replays = await Replays.open(config, topology)
  await replays.plan({ id: 'again' })
  expect(await replays.run('again')).toBe('done')
  await replays.close()

  expect(await linesOf('paused-out')).toEqual(['a@0=2', 'a@1000=1'])
  expect(await linesOf('paused-out-replay-paused-again')).toEqual(await linesOf('paused-out'))
  expect(await linesOf('paused-late-replay-paused-again')).toEqual(await linesOf('paused-late'))
}, 120_000)
