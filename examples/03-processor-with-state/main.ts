import { seconds, silentLogger, startStreams } from 'millrace'
import { MemoryKafka } from 'millrace/testing'
import { silentDevices, texts } from './silent-devices.ts'

/** On a real Kafka, until Ctrl-C; with a state directory, the store is on this disk too and not only in Kafka. */
async function runOn(bootstrap: string): Promise<void> {
  const settings = { applicationId: 'silent-devices', kafka: { bootstrap }, stateDirectory: '.state' }
  const streams = await startStreams(settings, silentDevices)
  process.once('SIGINT', () => void streams.close())
  await streams.application.ended
}

/** On a Kafka inside this process. */
async function demonstrate(): Promise<void> {
  const kafka = new MemoryKafka({ topics: { signals: 1, 'silent-devices': 1 } })
  const signals = kafka.topic('signals', texts)
  const silent = kafka.topic('silent-devices', texts)
  signals.write('pump', 'ok', { timestamp: 0 })
  for (const second of [5, 20, 40, 60]) signals.write('fan', 'ok', { timestamp: seconds(second) })
  const settings = { applicationId: 'silent-devices', kafka: kafka.connection, logger: silentLogger }
  const streams = await startStreams(settings, silentDevices)
  await kafka.until(() => silent.read().length === 1)
  await streams.close()
  for (const { key, value } of silent.read()) console.log(key, value)
}

const bootstrap = process.env.KAFKA_BOOTSTRAP_SERVERS
await (bootstrap === undefined ? demonstrate() : runOn(bootstrap))
