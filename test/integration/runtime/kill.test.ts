import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtProgram } from '../../support/built.ts'
import { startKafka } from '../../support/kafka-cluster.ts'
import type { KafkaCluster } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

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

async function startWorker(stateDirectory: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'counting-worker.mjs')
  const child = spawn(process.execPath, [script, builtProgram('src/index'), kafka.bootstrap, stateDirectory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk)
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the worker ended before it ran: ${errors}`)
  })
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended])
  ended.catch(() => {})
  return child
}

// Of today: a broker's retention deletes records of 1970 while a test runs.
const baseMs = Date.now() - 60_000
const vocabulary = ['alpha', 'beta', 'gamma', 'delta', 'epsilon']
const words = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const at = from + index
    return { key: `k${at}`, value: vocabulary[at % 5] as string, timestampMs: baseMs + at }
  })

async function lastCounts(): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { key, value } of await peer.readAll('word-counts')) {
    counts.set(String(key), Math.max(counts.get(String(key)) ?? 0, Number(value?.readBigInt64BE())))
  }
  return counts
}

async function untilCounted(total: number): Promise<void> {
  const isCounted = async (): Promise<boolean> => {
    const counts = await lastCounts()
    return counts.size === 5 && [...counts.values()].every((count) => count >= total / 5)
  }
  await until(isCounted, 90_000, `${total} words are counted`)
}

async function untilCommitted(): Promise<void> {
  const lag = async (topic: string): Promise<number> => peer.lag('killed', topic)
  const isCommitted = async (): Promise<boolean> =>
    (await lag('words')) === 0 && (await lag('killed-by-word-repartition')) === 0
  await until(isCommitted, 60_000, 'all is committed')
}

requireServer('kafka').describe('a worker on a real broker', () => {
  test('a killed process loses nothing that it had committed, and nothing that it had not', async () => {
    await peer.createTopics({ words: 3, 'word-counts': 1 })
    const stateDirectory = join(folder, 'state')

    // Killed when all is committed: the state on disk is exact, and so is what is counted on it.
    worker = await startWorker(stateDirectory)
    await peer.send('words', words(0, 1000))
    await untilCounted(1000)
    await untilCommitted()
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    await peer.send('words', words(1000, 500))
    worker = await startWorker(stateDirectory)
    await untilCounted(1500)
    expect(await lastCounts()).toEqual(new Map(vocabulary.map((word) => [word, 300])))

    // Killed in the middle: at least once, nothing lost.
    await peer.send('words', words(1500, 5000))
    await peer.untilCount('word-counts', 1501)
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    worker = await startWorker(stateDirectory)
    await untilCounted(6500)
    for (const [, count] of await lastCounts()) expect(count).toBeGreaterThanOrEqual(1300)

    worker.kill('SIGTERM')
    const [code] = await once(worker, 'exit')
    expect(code).toBe(0)
  })
})
