import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { type HoldingWorker, startHoldingWorker, tasksOf } from './holding-workers.ts'

requireServer('kafka').describe('SIGTERM in the middle of a rebalance, on a real broker', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let peer: KafkajsPeer
  const open: HoldingWorker[] = []

  beforeAll(async () => {
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
  })

  afterEach(() => {
    for (const { child } of open.splice(0)) child.kill('SIGKILL')
  })

  afterAll(async () => {
    await peer?.close()
    await kafka?.stop()
  })

  const partitions = [0, 1, 2, 3, 4, 5]
  const isAskedForTasks = ({ lines }: HoldingWorker) => lines.some((line) => line.includes('tasks revoked'))
  const isJoining = (_: HoldingWorker, { lines }: HoldingWorker) => lines.length > 0

  test.each([
    ['classic', 'when it is asked for tasks', isAskedForTasks],
    ['classic', 'while another one joins', isJoining],
    ['streams', 'when it is asked for tasks', isAskedForTasks],
    ['streams', 'while another one joins', isJoining],
  ])(
    'a process commits, leaves and ends in its time: %s, %s',
    async (protocol, _moment, isThere) => {
      const applicationId = `closing-${protocol}-${process.pid}-${Date.now()}`
      const input = `${applicationId}-in`
      await peer.createTopics({ [input]: partitions.length, [`${applicationId}-out`]: 1 })
      const start = () => {
        const worker = startHoldingWorker(kafka.bootstrap, applicationId, protocol)
        open.push(worker)
        return worker
      }
      const send = (key: string) =>
        peer.send(
          input,
          partitions.map((partition) => ({ key, value: '0', partition })),
        )
      const first = start()
      await until(() => tasksOf(first.lines).length === 6, 60_000, 'the first has all tasks')
      await send('a')
      await until(async () => (await peer.lag(applicationId, input)) === 0, 20_000, 'all is committed')
      await send('b')
      const second = start()
      await until(() => isThere(first, second), 60_000, 'the moment is there')
      const startedMs = performance.now()
      first.child.kill('SIGTERM')
      const [exitCode] = await once(first.child, 'exit')
      expect(exitCode).toBe(0)
      // The time that close has by default is 30 s.
      expect(performance.now() - startedMs).toBeLessThan(15_000)
      await until(() => tasksOf(second.lines).length === 6, 20_000, 'the second has all tasks')
      await send('c')
      await until(async () => (await peer.lag(applicationId, input)) === 0, 20_000, 'all is committed')
      // Handed over in order: nothing is read twice.
      expect(await peer.readAll(`${applicationId}-out`)).toHaveLength(3 * partitions.length)
      for (const { lines } of [first, second])
        expect(lines.filter((line) => /fenced|tasks lost|without a commit/.test(line))).toEqual([])
    },
    180_000,
  )
})
