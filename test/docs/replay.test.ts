import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { defineTopology, isReplayed, silentLogger, startStreams, string } from '../../src/index.ts'
import { createMetrics } from '../../src/ops/index.ts'
import { Replays } from '../../src/replay/index.ts'
import { openMemoryKafka, processed } from './memory-kafka.ts'

const topology = defineTopology('shout', (builder) => {
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues((value) => value.toUpperCase())
    .to('out', { value: string() })
})

test('a replay of everything', async () => {
  const { kafka, send, close } = await openMemoryKafka('in', 'out')
  const streams = await startStreams({ applicationId: 'shout', kafka, logger: silentLogger }, topology)
  await send('in', 'a', 'hello')
  await processed(streams, 1)
  await streams.close()

  // #region replay
  const replays = await Replays.open({ applicationId: 'shout', kafka }, topology)
  const plan = await replays.plan({ id: 'again' })
  await replays.run(plan.id)
  const { isEqual } = await replays.verify(plan.id)
  await replays.close()
  // #endregion

  await close()
  expect(isEqual).toBe(true)
  expect(kafka.cluster.topic('out-replay-shout-again').logs[0]?.endOffset).toBe(1)
})

test('metrics of a replay', async () => {
  const { kafka, send, close } = await openMemoryKafka('in', 'out')
  await send('in', 'a', 'hello')
  const replays = await Replays.open({ applicationId: 'shout', kafka, logger: silentLogger }, topology)

  // #region metrics
  const metrics = createMetrics({ status: () => replays.applicationStatus('again'), replay: 'again' })
  // #endregion

  await replays.plan({ id: 'again', throttle: { recordsPerSecond: 1 } })
  const run = replays.run('again')
  let text = ''
  while (!text.includes('kafka_consumer_lag{topic="in",partition="0",replay="again"}')) {
    await setImmediate()
    text = await metrics.text()
  }
  await replays.close()
  await run
  await close()
})

test('a processor that knows a record of a replay', () => {
  const headers = [{ key: 'millrace-replay', value: Buffer.from('again') }]
  const calls: string[] = []
  const notify = () => void calls.push('called')

  // #region mark
  if (!isReplayed(headers)) notify()
  // #endregion

  expect(calls).toEqual([])
})
