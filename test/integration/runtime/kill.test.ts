import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../../support/kafka-cluster.ts'
import type { KafkaCluster } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { lastCounts, startCountingWorker, untilCommitted, untilCounted, vocabulary, words } from './counting-workers.ts'

let kafka: KafkaCluster
let peer: KafkajsPeer
let folder: string
let worker: ChildProcess | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-kill-'))
  kafka = await startKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
})

afterAll(async () => {
  worker?.kill('SIGKILL')
  await peer?.close()
  await kafka?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const startWorker = (stateDirectory: string) => startCountingWorker(kafka.bootstrap, stateDirectory, 'classic')

requireServer('kafka').describe('a worker on a real broker', () => {
  test('a killed process loses nothing that it had committed, and nothing that it had not', async () => {
    await peer.createTopics({ words: 3, 'word-counts': 1 })
    const stateDirectory = join(folder, 'state')

    // Killed when all is committed: the state on disk is exact, and so is what is counted on it.
    worker = await startWorker(stateDirectory)
    await peer.send('words', words(0, 1000))
    await untilCounted(peer, 1000)
    await untilCommitted(peer)
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    await peer.send('words', words(1000, 500))
    worker = await startWorker(stateDirectory)
    await untilCounted(peer, 1500)
    expect(await lastCounts(peer)).toEqual(new Map(vocabulary.map((word) => [word, 300])))

    // Killed in the middle: at least once, nothing lost.
    await peer.send('words', words(1500, 5000))
    await peer.untilCount('word-counts', 1501)
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    worker = await startWorker(stateDirectory)
    await untilCounted(peer, 6500)
    for (const [, count] of await lastCounts(peer)) expect(count).toBeGreaterThanOrEqual(1300)

    worker.kill('SIGTERM')
    const [code] = await once(worker, 'exit')
    expect(code).toBe(0)
  })
})
