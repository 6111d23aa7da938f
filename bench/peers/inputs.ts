import { partitionOfKey } from '../../src/index.ts'
import type { WireClient } from '../../test/support/wire-client.ts'
import type { Job } from './jobs.ts'
import { fleetLog, generateLogs, hostRows, partitions, serviceRows, type TableRow, tableTimeMs } from './logs.ts'

/** The topic whose records a job is measured by. */
export function inputTopicOf(job: Job): string {
  return job === 'E' ? 'fleet-logs' : 'logs'
}

const flushTimeoutMs = 300_000

/** Creates and fills the topics that the jobs read, with so many logs. Each key is in the partition that Java chooses. */
export async function fillInputs(client: WireClient, jobs: readonly Job[], count: number): Promise<void> {
  const inputs = new Set(jobs.map(inputTopicOf))
  const topics = [...inputs, 'hosts', 'services']
  await createTopics(client, topics)
  const producer = await client.producer(topics, { lingerMs: 100, bufferedBytesMax: 32 * 1024 * 1024 })
  const send = (topic: string, key: string, value: object, timestamp: number): void => {
    const bytes = Buffer.from(key)
    producer.send(topic, partitionOfKey(bytes, partitions), bytes, Buffer.from(JSON.stringify(value)), timestamp, [])
  }
  const sendTable = (topic: string, rows: readonly TableRow[]): void => {
    for (const { key, value } of rows) send(topic, key, value, tableTimeMs)
  }
  sendTable('hosts', hostRows())
  sendTable('services', serviceRows())
  for (const { key, timestamp, log } of generateLogs(count)) {
    if (producer.isFull) await producer.drained()
    if (inputs.has('logs')) send('logs', key, log, timestamp)
    if (inputs.has('fleet-logs')) send('fleet-logs', key, fleetLog(log), timestamp)
  }
  await producer.flush(flushTimeoutMs)
  await producer.close(10_000)
}

/** Old times are part of the logs, so nothing is too old to be kept. */
export async function createTopics(client: WireClient, names: readonly string[]): Promise<void> {
  const admin = client.driver.admin()
  const topic = { partitions, replicationFactor: 1, configs: { 'retention.ms': '-1' } }
  await admin.createTopics(
    names.map((name) => ({ ...topic, name })),
    30_000,
  )
  await admin.close()
}
