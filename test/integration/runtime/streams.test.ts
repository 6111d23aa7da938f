import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StreamsConfig } from '../../../src/app.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { tumblingWindows } from '../../../src/dsl/window-definitions.ts'
import { long, string } from '../../../src/serde/primitives.ts'
import type { ReadOnlyWindowStore, ValueAndTimestamp } from '../../../src/stores/port.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { startKafka } from '../../support/kafka-cluster.ts'
import type { KafkaCluster } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'

let kafka: KafkaCluster
let peer: KafkajsPeer
let directory: string

beforeAll(async () => {
  kafka = await startKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
  directory = await mkdtemp(join(tmpdir(), 'millrace-runtime-'))
})

afterAll(async () => {
  await peer?.close()
  await kafka?.stop()
  if (directory !== undefined) await rm(directory, { recursive: true, force: true })
})

function config(applicationId: string, more: Partial<StreamsConfig> = {}): StreamsConfig {
  return {
    applicationId,
    kafka: { bootstrap: [kafka.bootstrap] },
    commitIntervalMs: 200,
    producerLingerMs: 5,
    heartbeatIntervalMs: 300,
    sessionTimeoutMs: 30_000,
    groupProtocol: 'classic',
    ...more,
  }
}

// Of today: a broker's retention deletes records of 1970 while a test runs.
const baseMs = Math.floor(Date.now() / 1000) * 1000 - 60_000

const records = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: `k${(from + index) % 50}`,
    value: `line ${from + index}`,
    timestampMs: baseMs + from + index,
  }))

requireServer('kafka').describe('on a real broker', () => {
  test('enriches topic to topic, each record once over a clean restart', async () => {
    await peer.createTopics({ plain: 3, enriched: 3 })
    const topology = (): Topology => {
      const builder = new StreamsBuilder()
      builder
        .stream('plain', { key: string(), value: string() })
        .mapValues((value) => `${value}!`)
        .to('enriched', { value: string() })
      return builder.build()
    }
    await peer.send('plain', records(0, 2000))
    const first = await startWatchedStreams(config('enrich', { threads: 2 }), topology())
    await peer.untilCount('enriched', 2000)
    await first.close()
    await peer.send('plain', records(2000, 1000))
    const second = await startWatchedStreams(config('enrich'), topology())
    await peer.untilCount('enriched', 3000)
    await second.close()
    const values = (await peer.readAll('enriched')).map(({ value }) => String(value))
    expect(values.length).toBe(3000)
    expect(new Set(values)).toEqual(new Set(records(0, 3000).map(({ value }) => `${value}!`)))
  })

  test('begins at the first record that is not older than a duration, and at the end where all are', async () => {
    await peer.createTopics({ aged: 2, 'aged-all': 1, 'begun-at': 1 })
    const at = (hours: number, partition = 0) => ({
      key: 'k',
      value: `${partition}: ${hours} h`,
      partition,
      timestampMs: Date.now() - hours * 3_600_000,
    })
    await peer.send('aged', [at(5), at(3), at(1), at(4), at(6, 1), at(5, 1)])
    await peer.send('aged-all', [at(7), at(6)])
    const builder = new StreamsBuilder()
    builder.stream('aged', { key: string(), value: string() }).to('begun-at')
    builder
      .stream('aged-all', { key: string(), value: string(), offsetReset: { durationMs: 1000 } })
      .to('begun-at', { value: string() })
    const streams = await startWatchedStreams(
      config('aged', { offsetReset: { durationMs: 3.5 * 3_600_000 } }),
      builder.build(),
    )
    await peer.untilCount('begun-at', 3)
    await peer.send('aged', [at(8, 1)])
    await peer.send('aged-all', [at(9)])
    await peer.untilCount('begun-at', 5)
    await streams.close()
    const values = (await peer.readAll('begun-at')).map(({ value }) => String(value))
    expect(values.sort()).toEqual(['0: 1 h', '0: 3 h', '0: 4 h', '0: 9 h', '1: 8 h'])
  })

  test('reads topics that begin to match a pattern, and partitions that a topic gains', async () => {
    await peer.createTopics({ 'many-a': 1, matched: 1 })
    const topology = (): Topology => {
      const builder = new StreamsBuilder()
      builder.stream(/many-.*/, { key: string(), value: string() }).to('matched', { key: string(), value: string() })
      return builder.build()
    }
    const settings = {
      kafka: { bootstrap: [kafka.bootstrap], metadataMaxAgeMs: 300 },
      topicRefreshIntervalMs: 300,
    }
    const streams = await startWatchedStreams(config('patterns', settings), topology())
    await peer.send('many-a', records(0, 10))
    await peer.untilCount('matched', 10)
    await peer.createTopics({ 'many-b': 3 })
    await peer.send('many-b', records(10, 50))
    await peer.untilCount('matched', 60)
    await peer.addPartitions('many-a', 4)
    await peer.send('many-a', records(60, 100))
    await peer.untilCount('matched', 160)
    await streams.close()
    const values = (await peer.readAll('matched')).map(({ value }) => String(value))
    expect(values.sort()).toEqual(
      records(0, 160)
        .map(({ value }) => value)
        .sort(),
    )
  })

  function windowedCount(): Topology {
    const builder = new StreamsBuilder()
    builder
      .stream('events', { key: string(), value: string() })
      .groupBy((key) => key, { name: 'by-key', key: string(), value: string() })
      .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 0 }))
      .count({ store: 'windowed', retentionMs: 60_000 })
      .toStream()
      .map((window, count): [string, number] => [`${window.key}@${window.window.startMs}`, count])
      .to('counted', { key: string(), value: long() })
    return builder.build()
  }

  test('counts in windows, and comes back with its state from disk and from the changelog alone', async () => {
    await peer.createTopics({ events: 2, counted: 1 })
    const stateDirectory = join(directory, 'windowed')
    const options = { stateDirectory, cacheBytesMax: 0 }
    const model = new Map<string, number>()
    const write = async (from: number, count: number) => {
      const batch = records(from, count)
      for (const { key, timestampMs } of batch) {
        const window = `${key}@${Math.floor(timestampMs / 1000) * 1000}`
        model.set(window, (model.get(window) ?? 0) + 1)
      }
      await peer.send('events', batch)
    }
    const lastCounts = async () => {
      const counts = new Map<string, number>()
      for (const { key, value } of await peer.readAll('counted'))
        counts.set(String(key), Number(value?.readBigInt64BE()))
      return counts
    }
    await write(0, 1500)
    const first = await startWatchedStreams(config('windows', options), windowedCount())
    await peer.untilCount('counted', 1500)
    await first.close()
    expect(await lastCounts()).toEqual(model)

    await write(1500, 400)
    const second = await startWatchedStreams(config('windows', options), windowedCount())
    await peer.untilCount('counted', 1900)
    await second.close()
    expect(await lastCounts()).toEqual(model)

    await rm(stateDirectory, { recursive: true })
    await write(1900, 90)
    const third = await startWatchedStreams(config('windows', options), windowedCount())
    await peer.untilCount('counted', 1990)
    expect(await lastCounts()).toEqual(model)
    const restored = new Map<string, number>()
    for (const partition of [0, 1]) {
      const store = third.application.store('windowed', partition) as ReadOnlyWindowStore<
        string,
        ValueAndTimestamp<number>
      >
      for (const { key, value } of store.fetchAll(baseMs, baseMs + 10_000))
        restored.set(`${key.key}@${key.window.startMs}`, value.value)
    }
    expect(restored).toEqual(model)
    await third.close()
  })

  test('hands tasks over while records flow, each counted once', async () => {
    await peer.createTopics({ flowing: 4, totals: 1 })
    const topology = (): Topology => {
      const builder = new StreamsBuilder()
      builder
        .stream('flowing', { key: string(), value: string() })
        .groupBy((key) => key, { name: 'again', key: string(), value: string() })
        .count({ store: 'totals-store' })
        .toStream()
        .to('totals', { key: string(), value: long() })
      return builder.build()
    }
    const options = (name: string) =>
      config('flow', { cacheBytesMax: 0, stateDirectory: join(directory, `flow-${name}`), processId: name })
    const first = await startWatchedStreams(options('first'), topology())
    await peer.send('flowing', records(0, 1000))
    const second = await startWatchedStreams(options('second'), topology())
    await peer.send('flowing', records(1000, 1000))
    await second.application.waitFor('RUNNING', 60_000)
    await peer.send('flowing', records(2000, 1000))
    await peer.untilCount('totals', 3000)
    await first.close()
    await peer.send('flowing', records(3000, 1000))
    await peer.untilCount('totals', 4000)
    expect(second.application.status().tasks).toHaveLength(8)
    await second.close()
    const last = new Map<string, number>()
    for (const { key, value } of await peer.readAll('totals')) last.set(String(key), Number(value?.readBigInt64BE()))
    expect(await peer.count('totals')).toBe(4000)
    expect([...last.values()]).toEqual(Array.from({ length: 50 }, () => 80))
  })
})
