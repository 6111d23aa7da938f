import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createWireDriver } from '../../../src/kafka/wire/driver.ts'
import type { KafkaDriver } from '../../../src/kafka/port.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import {
  killed,
  lastCounts,
  startCountingWorker,
  untilCommitted,
  untilCounted,
  vocabulary,
  words,
} from './counting-workers.ts'

requireServer('kafka').describe('an application in a streams group', () => {
  let kafka: KafkaCluster
  let peer: KafkajsPeer
  let driver: KafkaDriver
  let folder: string
  const workers: ChildProcess[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-streams-protocol-'))
    kafka = await startKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    driver = createWireDriver({ bootstrap: [kafka.bootstrap] })
  })

  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL')
    await driver?.close()
    await peer?.close()
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  async function startWorker(name: string): Promise<ChildProcess> {
    const worker = await startCountingWorker(kafka.bootstrap, join(folder, name), 'streams')
    workers.push(worker)
    return worker
  }

  /** How many active tasks each process has. */
  async function shares(): Promise<string> {
    const { members } = await driver.admin().describeGroup('killed')
    const counts = new Map<string, number>()
    for (const { processId = '', active = [] } of members)
      counts.set(processId, (counts.get(processId) ?? 0) + active.length)
    return [...counts.values()].sort().join()
  }

  test('two processes share the tasks, hand them over in order, and take over from one that is killed', async () => {
    await peer.createTopics({ words: 4, 'word-counts': 1 })
    const first = await startWorker('first')
    await peer.send('words', words(0, 1000))
    await untilCounted(peer, 1000)
    const created = await driver.admin().describeTopics(['killed-by-word-repartition', 'killed-counts-changelog'])
    expect(created.map(({ partitions }) => partitions.length)).toEqual([4, 4])

    const second = await startWorker('second')
    await until(async () => (await shares()) === '4,4', 30_000, 'both processes have tasks')
    await peer.send('words', words(1000, 1000))
    await untilCounted(peer, 2000)
    // Handed over in order: nothing is counted twice.
    expect(await lastCounts(peer)).toEqual(new Map(vocabulary.map((word) => [word, 400])))

    first.kill('SIGTERM')
    expect((await once(first, 'exit'))[0]).toBe(0)
    await peer.send('words', words(2000, 1000))
    await untilCounted(peer, 3000)
    expect(await lastCounts(peer)).toEqual(new Map(vocabulary.map((word) => [word, 600])))

    await startWorker('third')
    await until(async () => (await shares()) === '4,4', 30_000, 'both processes have tasks')
    await peer.send('words', words(3000, 5000))
    await killed(second)
    await untilCounted(peer, 8000)
    await untilCommitted(peer)
    // At least once: what the killed process had not committed is counted again.
    for (const [, count] of await lastCounts(peer)) expect(count).toBeGreaterThanOrEqual(1600)
  }, 240_000)
})
