import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
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
async function startWorker(
  applicationId: string,
  ...more: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly lines: readonly string[] }> {
  const script = join(import.meta.dirname, 'holding-worker.mjs')
  const args = [script, builtProgram('src/index'), kafka.bootstrap, applicationId, ...more]
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
  return { child, lines }
}

requireServer('kafka').describe('an application on a real broker', () => {
  test.each(['classic', 'streams'])(
    'a mapper that holds the event loop for three session timeouts keeps its tasks, and its record is read once: %s',
    async (protocol) => {
      const applicationId = `held-${protocol}-${process.pid}-${Date.now()}`
      const input = `${applicationId}-in`
      await peer.createTopics({ [input]: 1, [`${applicationId}-out`]: 1 })
      const { lines } = await startWorker(applicationId, protocol)
      await until(() => lines.includes('running'), 60_000, 'the worker runs')
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
      expect(lines.filter((line) => line.includes('the heartbeat thread sent its heartbeats'))).toHaveLength(1)
      expect(await peer.readAll(`${applicationId}-out`)).toHaveLength(3)
    },
  )

  test('a record during which the process is killed three times goes to its handler, and the next one is processed', async () => {
    const applicationId = `killing-${process.pid}-${Date.now()}`
    const input = `${applicationId}-in`
    const folder = await mkdtemp(join(tmpdir(), 'millrace-held-'))
    await peer.createTopics({ [input]: 1, [`${applicationId}-out`]: 1 })
    const forever = '2000000000'
    const values = ['0', forever, '0']
    await peer.send(
      input,
      values.map((value, index) => ({ key: `k${index}`, value })),
    )
    for (let time = 1; time <= 3; time++) {
      const { child, lines } = await startWorker(applicationId, 'classic', folder)
      await until(() => lines.includes('reads k1'), 60_000, `the record is read for the time ${time}`)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const { child, lines } = await startWorker(applicationId, 'classic', folder)
    await until(() => lines.includes('reads k2'), 60_000, 'the next record is read')
    await until(async () => (await peer.lag(applicationId, input)) === 0, 20_000, 'all is committed')
    expect(lines).not.toContain('reads k1')
    expect(lines.filter((line) => line.includes(`record ${input}-0@1 was processed, the process ended`))).toHaveLength(
      1,
    )
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(await readdir(join(folder, applicationId))).not.toContain('.held-records.json')
    await rm(folder, { recursive: true, force: true })
  })
})
