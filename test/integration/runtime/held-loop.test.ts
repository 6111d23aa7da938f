import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { type HoldingWorker, startHoldingWorker, tasksOf } from './holding-workers.ts'

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

async function startWorker(applicationId: string, ...more: readonly string[]): Promise<HoldingWorker> {
  const worker = startHoldingWorker(kafka.bootstrap, applicationId, ...more)
  children.push(worker.child)
  return worker
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

  test.each(['classic', 'streams'])(
    'a rebalance does not wait for a mapper that holds the event loop, whose process keeps its tasks: %s',
    async (protocol) => {
      const applicationId = `unwaited-${protocol}-${process.pid}-${Date.now()}`
      const input = `${applicationId}-in`
      await peer.createTopics({ [input]: 6, [`${applicationId}-out`]: 1 })
      const first = await startWorker(applicationId, protocol)
      await until(() => tasksOf(first.lines).length === 6, 60_000, 'the first has all tasks')
      const second = await startWorker(applicationId, protocol)
      await until(() => tasksOf(first.lines).length === 3 && tasksOf(second.lines).length === 3, 60_000, 'both share')
      const kept = tasksOf(first.lines)
      const partition = Number(kept[0]?.split('_')[1])
      const folder = await mkdtemp(join(tmpdir(), 'millrace-unwaited-'))
      const release = join(folder, 'release')
      await peer.send(input, [{ key: 'held', value: release, partition }])
      await until(() => first.lines.includes('reads held'), 20_000, 'the first is held')

      const third = await startWorker(applicationId, protocol)
      await until(() => tasksOf(third.lines).length === 1, 60_000, 'the third has a task of the second')
      expect(first.lines.filter((line) => line.includes('the event loop was blocked'))).toEqual([])
      expect(tasksOf(second.lines)).toHaveLength(2)
      await writeFile(release, '')

      const shares = () => [first, second, third].map(({ lines }) => tasksOf(lines).length)
      await until(() => shares().join() === '2,2,2', 60_000, 'the first has given back what the third waits for')
      await peer.send(
        input,
        [0, 1, 2, 3, 4, 5].map((each) => ({ key: `k${each}`, value: '0', partition: each })),
      )
      await until(async () => (await peer.lag(applicationId, input)) === 0, 40_000, 'all is committed')
      expect(await peer.readAll(`${applicationId}-out`)).toHaveLength(7)
      expect(kept).toEqual(expect.arrayContaining([...tasksOf(first.lines)]))
      for (const { lines } of [first, second, third])
        expect(lines.filter((line) => /fenced|tasks lost/.test(line))).toEqual([])
      await rm(folder, { recursive: true, force: true })
    },
    240_000,
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
