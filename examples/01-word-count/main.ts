import { long, silentLogger, startStreams, string } from 'millrace'
import { MemoryKafka } from 'millrace/testing'
import { wordCount } from './word-count.ts'

/** On a real Kafka, until Ctrl-C. The topics `lines` and `word-counts` must exist. */
async function runOn(bootstrap: string): Promise<void> {
  const streams = await startStreams({ applicationId: 'word-count', kafka: { bootstrap } }, wordCount)
  process.once('SIGINT', () => void streams.close())
  await streams.application.ended
}

/** On a Kafka inside this process, with two lines. */
async function demonstrate(): Promise<void> {
  const kafka = new MemoryKafka({ topics: { lines: 1, 'word-counts': 1 } })
  const lines = kafka.topic('lines', { key: string(), value: string() })
  const counts = kafka.topic('word-counts', { key: string(), value: long() })
  // Cached results are emitted with each commit: every 30 s by default, as in Kafka Streams.
  const settings = { applicationId: 'word-count', commitIntervalMs: 50, kafka: kafka.connection, logger: silentLogger }
  const streams = await startStreams(settings, wordCount)
  lines.write(null, 'To be, or not to be:')
  lines.write(null, 'that is the question.')
  await kafka.until(() => counts.read().length >= 8)
  await streams.close()
  for (const { key, value } of counts.read()) console.log(key, value)
}

const bootstrap = process.env.KAFKA_BOOTSTRAP_SERVERS
await (bootstrap === undefined ? demonstrate() : runOn(bootstrap))
