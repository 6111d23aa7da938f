import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minutes, silentLogger, startStreams } from 'millrace'
import { filesSink } from 'millrace/sinks'
import { MemoryKafka } from 'millrace/testing'
import { accesses, accessWatch, alerts, handlers } from './access-watch.ts'

const requestsIn = (directory: string) => filesSink({ name: 'requests', directory, file: 'requests-YYYY.MM.DD.ndjson' })

/** On a real Kafka, until Ctrl-C; the requests are in the folder `requests`. */
async function runOn(bootstrap: string): Promise<void> {
  const sinks = [requestsIn('requests')]
  const streams = await startStreams(
    { applicationId: 'access-watch', kafka: { bootstrap }, sinks, ...handlers },
    accessWatch,
  )
  process.once('SIGINT', () => void streams.close())
  await streams.application.ended
}

/** On a Kafka inside this process. */
async function demonstrate(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'requests-'))
  const kafka = new MemoryKafka({ topics: { 'access-logs': 1, 'access-alerts': 1, 'unreadable-logs': 1 } })
  const logs = kafka.topic('access-logs', accesses)
  const reports = kafka.topic('access-alerts', alerts)
  const address = '192.0.2.7'
  logs.write(null, { address, path: '/pay', status: 200, timeMs: 0 })
  logs.write(null, { address, path: '/pay', status: 503, timeMs: 1000 })
  logs.write(null, { address, path: '/', status: 200, timeMs: minutes(2) })
  const sinks = [requestsIn(directory)]
  const settings = {
    applicationId: 'access-watch',
    commitIntervalMs: 50,
    kafka: kafka.connection,
    logger: silentLogger,
    sinks,
    ...handlers,
  }
  const streams = await startStreams(settings, accessWatch)
  await kafka.until(() => reports.read().length === 1)
  await streams.close()
  for (const file of await readdir(directory)) console.log(await readFile(join(directory, file), 'utf8'))
  for (const { value } of reports.read()) console.log('alert', value)
}

const bootstrap = process.env.KAFKA_BOOTSTRAP_SERVERS
await (bootstrap === undefined ? demonstrate() : runOn(bootstrap))
