import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startKafka } from '../../support/kafka-cluster.ts'
import type { KafkaCluster } from '../../support/kafka-cluster.ts'
import { IndependentClient } from './independent-client.ts'

const root = resolve(import.meta.dirname, '../../..')
let kafka: KafkaCluster
let client: IndependentClient
let folder: string
let worker: ChildProcess | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-kill-'))
  const compiler = join(root, 'node_modules/.bin/tsc')
  spawnSync(compiler, ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'compiled')])
  await writeFile(join(folder, 'compiled/package.json'), '{"type":"module"}')
  await symlink(join(root, 'node_modules'), join(folder, 'compiled/node_modules'))
  kafka = await startKafka()
  client = new IndependentClient(kafka.bootstrap)
  await client.connect()
}, 90_000)

afterAll(async () => {
  worker?.kill('SIGKILL')
  await client?.close()
  await kafka?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

async function startWorker(stateDirectory: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'counting-worker.mjs')
  const child = spawn(process.execPath, [script, join(folder, 'compiled'), kafka.bootstrap, stateDirectory], {
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
    return { key: `k${at}`, value: vocabulary[at % 5] as string, timestamp: baseMs + at }
  })

async function lastCounts(): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { key, rawValue } of await client.read('word-counts')) {
    counts.set(String(key), Math.max(counts.get(String(key)) ?? 0, Number(rawValue?.readBigInt64BE())))
  }
  return counts
}

async function untilCounted(total: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const counts = await lastCounts()
    if (counts.size === 5 && [...counts.values()].every((count) => count >= total / 5)) return
    await new Promise((wake) => setTimeout(wake, 200))
  }
  throw new Error(`counts after a minute: ${JSON.stringify([...(await lastCounts())])}`)
}

test('a killed process loses nothing that it had committed, and nothing that it had not', async () => {
  await client.createTopics({ words: 3, 'word-counts': 1 })
  const stateDirectory = join(folder, 'state')

  // Killed when all is committed: the state on disk is exact, and so is what is counted on it.
  worker = await startWorker(stateDirectory)
  await client.write('words', words(0, 1000))
  await untilCounted(1000)
  await new Promise((wake) => setTimeout(wake, 1500))
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  await client.write('words', words(1000, 500))
  worker = await startWorker(stateDirectory)
  await untilCounted(1500)
  expect(await lastCounts()).toEqual(new Map(vocabulary.map((word) => [word, 300])))

  // Killed in the middle: at least once, nothing lost.
  await client.write('words', words(1500, 5000))
  await new Promise((wake) => setTimeout(wake, 150))
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  worker = await startWorker(stateDirectory)
  await untilCounted(6500)
  for (const [, count] of await lastCounts()) expect(count).toBeGreaterThanOrEqual(1300)

  worker.kill('SIGTERM')
  const [code] = await once(worker, 'exit')
  expect(code).toBe(0)
}, 180_000)
