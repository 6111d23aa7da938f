import { expect, test } from '@jest/globals'
import { MemoryCluster, openKafka, startStreams, StreamsBuilder, string, systemClock } from '../../src/index.ts'

const builder = new StreamsBuilder()
builder.stream('in', { key: string(), value: string() }).to('out')
const topology = builder.build()

test('an application on the cluster in this process', async () => {
  const cluster = new MemoryCluster({ clock: systemClock })
  const kafka = { driver: 'memory', cluster } as const
  const driver = openKafka(kafka)
  const topics = ['in', 'out'].map((name) => ({ name, partitions: 1, replicationFactor: 1, configs: {} }))
  await driver.admin().createTopics(topics, 1000)
  await driver.close()

  // #region start
  const streams = await startStreams({ applicationId: 'copy', kafka }, topology)
  await streams.application.waitFor('RUNNING', 10_000)
  const { state, tasks } = streams.application.status()
  await streams.close({ timeoutMs: 10_000 })
  // #endregion
  expect([state, tasks.length]).toEqual(['RUNNING', 1])
})
