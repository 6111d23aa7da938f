import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  StreamsBuilder,
  type StreamsConfig,
  string,
  tumblingWindows,
  untilWindowCloses,
  windowQuery,
} from '../../../src/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let peer: KafkajsPeer
let directory: string

beforeAll(async () => {
  kafka = await sharedKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
  directory = await mkdtemp(join(tmpdir(), 'millrace-stream-time-'))
})

afterAll(async () => {
  await peer?.close()
  await kafka?.stop()
  if (directory !== undefined) await rm(directory, { recursive: true, force: true })
})

const texts = { key: string(), value: string() }
const baseMs = Math.floor(Date.now() / 1000) * 1000 - 60_000

function finalCounts(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('idle-in', texts)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: 1000 }), { late: (late) => late.to('idle-late') })
    .count({ store: 'idle-counts', retentionMs: 60_000 })
    .suppress(untilWindowCloses())
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs - baseMs}`, String(count)])
    .to('idle-out', texts)
  return builder.build()
}

requireServer('kafka').describe('stream time on a real broker', () => {
  test('an idle input closes its windows, and the time that passed is known after a restart', async () => {
    await peer.createTopics({ 'idle-in': 1, 'idle-out': 1, 'idle-late': 1 })
    const config: StreamsConfig = {
      applicationId: 'idle',
      kafka: { bootstrap: [kafka.bootstrap] },
      stateDirectory: directory,
      commitIntervalMs: 200,
      heartbeatIntervalMs: 300,
      sessionTimeoutMs: 30_000,
      windowIdleMs: 300,
      keepStreamTime: true,
    }
    const record = { key: 'a', value: 'x', timestampMs: baseMs }
    const first = await startWatchedStreams(config, finalCounts())
    await peer.send('idle-in', [record, record])
    await peer.untilCount('idle-out', 1)
    expect(first.application.query(windowQuery<string, number>('idle-counts')).get('a', baseMs)).toBe(2)
    await first.close()
    const second = await startWatchedStreams(config, finalCounts())
    await peer.send('idle-in', [record])
    await peer.untilCount('idle-late', 1)
    await second.close()
    const results = (await peer.readAll('idle-out')).map(({ key, value }) => `${key}=${value}`)
    expect(results).toEqual(['a@0=2'])
  })
})
