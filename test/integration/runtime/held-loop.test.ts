import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { until } from '../../support/until.ts'

/** The least that a broker takes. */
const sessionTimeoutMs = 6000

let kafka: Awaited<ReturnType<typeof sharedKafka>>
let peer: KafkajsPeer
const children: ChildProcess[] = []

beforeAll(async () => {
  kafka = await sharedKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
})

afterAll(async () => {
  await peer?.close()
  await kafka?.stop()
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The lines that a worker says. */
async function startWorker(applicationId: string): Promise<{ readonly lines: readonly string[] }> {
  const script = join(import.meta.dirname, 'holding-worker.mjs')
  const args = [script, builtProgram('src/index'), kafka.bootstrap, applicationId]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  children.push(child)
  const lines: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk) => {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() as string
    lines.push(...parts)
  })
  await Promise.race([until(() => lines.includes('running'), 60_000, 'the worker runs'), once(child, 'exit')])
  return { lines }
}

test('a mapper that holds the event loop for three session timeouts keeps its tasks, and its record is read once', async () => {
  const applicationId = `held-${process.pid}-${Date.now()}`
  const input = `${applicationId}-in`
  await peer.createTopics({ [input]: 1, [`${applicationId}-out`]: 1 })
  const { lines } = await startWorker(applicationId)
  const values = ['0', String(3 * sessionTimeoutMs), '0']
  await peer.send(
    input,
    values.map((value, index) => ({ key: `k${index}`, value })),
  )
  await until(() => lines.includes('reads k2'), 60_000, 'the last record is read')
  await until(async () => (await peer.lag(applicationId, input)) === 0, 20_000, 'all is committed')
  expect(lines.filter((line) => line.startsWith('reads'))).toEqual(['reads k0', 'reads k1', 'reads k2'])
  expect(lines.filter((line) => line.includes('tasks assigned'))).toHaveLength(1)
  expect(lines.filter((line) => /fenced|tasks lost|a Kafka broker fails/.test(line))).toEqual([])
  expect(lines.filter((line) => line.includes('its heartbeats were sent by a thread'))).toHaveLength(1)
  expect(await peer.readAll(`${applicationId}-out`)).toHaveLength(3)
})
