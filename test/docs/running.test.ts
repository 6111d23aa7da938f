import { expect, test } from '@jest/globals'
import { startStreams, StreamsBuilder, string } from '../../src/index.ts'
import { openMemoryKafka } from './memory-kafka.ts'

const builder = new StreamsBuilder()
builder.stream('in', { key: string(), value: string() }).to('out')
const topology = builder.build()

test('an application on the cluster in this process', async () => {
  const { kafka, close } = await openMemoryKafka('in', 'out')

  // #region start
  const streams = await startStreams({ applicationId: 'copy', kafka }, topology)
  await streams.application.waitFor('RUNNING', 10_000)
  const { state, tasks } = streams.application.status()
  await streams.close({ timeoutMs: 10_000 })
  // #endregion
  await close()
  expect([state, tasks.length]).toEqual(['RUNNING', 1])
})
