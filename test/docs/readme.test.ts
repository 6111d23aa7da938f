import { EventEmitter } from 'node:events'
import { expect, test } from '@jest/globals'
import { type KafkaConnection, silentLogger, startStreams } from '../../src/index.ts'
import { MemoryKafka } from '../../src/testing/index.ts'
// #region topology
import { defineTopology, json, long, minutes, string, tumblingWindows, untilWindowCloses } from '../../src/index.ts'

type Log = { service: string; level: string; time: number }

const errorsPerMinute = defineTopology('errors-per-minute', (builder) => {
  builder
    .stream('logs', { key: string(), value: json<Log>(), timestamp: (log) => log.time })
    .filter((_, log) => log.level === 'error')
    .groupBy((_, log) => log.service, { key: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1) }))
    .count({ store: 'errors' })
    .suppress(untilWindowCloses())
    .toStream(({ key }) => key)
    .to('errors-per-minute', { key: string(), value: long() })
})
// #endregion

// #region test
import { TopologyTestDriver } from '../../src/testing/index.ts'

test('the result of a minute is emitted once, when it is over', async () => {
  const driver = new TopologyTestDriver(errorsPerMinute)
  const logs = driver.createInputTopic('logs', { key: string(), value: json<Log>() })
  const counts = driver.createOutputTopic('errors-per-minute', { key: string(), value: long() })
  for (const time of [0, 1000, minutes(2)]) logs.pipeInput(null, { service: 'payments', level: 'error', time })
  expect(counts.readKeyValuesToList()).toEqual([['payments', 2]])
  await driver.close()
})
// #endregion

async function run(kafka: KafkaConnection, process: Pick<NodeJS.Process, 'once'>): Promise<void> {
  const logger = silentLogger
  // #region run
  const streams = await startStreams({ applicationId: 'errors', kafka, logger }, errorsPerMinute)
  process.once('SIGTERM', () => void streams.close())
  await streams.application.ended
  // #endregion
}

test('the application ends on request', async () => {
  const kafka = new MemoryKafka({ topics: { logs: 1, 'errors-per-minute': 1 } })
  const signals = new EventEmitter()
  const ended = run(kafka.connection, signals as unknown as NodeJS.Process)
  await kafka.until(() => signals.listenerCount('SIGTERM') === 1)
  signals.emit('SIGTERM')
  await ended
})
