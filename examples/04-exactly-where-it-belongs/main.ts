import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, startStreams, string } from 'millrace'
import { filesSink } from 'millrace/sinks'
import { MemoryKafka } from 'millrace/testing'
import { archive, handlers, payments } from './archive.ts'

const archiveIn = (directory: string) => filesSink({ name: 'archive', directory, file: 'payments-YYYY.MM.DD.ndjson' })

/** On a real Kafka, until Ctrl-C; the archive is in the folder `archive`. */
async function runOn(bootstrap: string): Promise<void> {
  const settings = { applicationId: 'archive', kafka: { bootstrap }, sinks: [archiveIn('archive')], ...handlers }
  const streams = await startStreams(settings, archive)
  process.once('SIGINT', () => void streams.close())
  await streams.application.ended
}

/** On a Kafka inside this process: one good payment, one that is refused, and one that is no JSON. */
async function demonstrate(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'archive-'))
  const kafka = new MemoryKafka({ topics: { payments: 1, 'dead-payments': 1 } })
  const letters = kafka.topic('dead-payments', { key: string(), value: string() })
  kafka.topic('payments', payments).write('p1', { amount: 3 })
  kafka.topic('payments', payments).write('p2', { amount: -3 })
  kafka.topic('payments', { key: string(), value: string() }).write('p3', 'three')
  const sinks = [archiveIn(directory)]
  const settings = { applicationId: 'archive', kafka: kafka.connection, logger: silentLogger, sinks, ...handlers }
  const streams = await startStreams(settings, archive)
  await kafka.until(() => letters.read().length === 2)
  await streams.close()
  for (const file of await readdir(directory)) console.log('archived', await readFile(join(directory, file), 'utf8'))
  for (const { key, value } of letters.read()) console.log('refused', key, value)
}

const bootstrap = process.env.KAFKA_BOOTSTRAP_SERVERS
await (bootstrap === undefined ? demonstrate() : runOn(bootstrap))
