import type { Producer } from '../src/kafka/port.ts'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'

/**
 * Raw rates of the wire driver: JSON logs of about 320 bytes, also in transactions of 100 ms, and changelog rows of 58,
 * lz4, 6 partitions.
 * npm run bench -- wire [records] [rounds], over a broker of its own. Prints records per second and CPU seconds per million.
 */
const [recordsText = '1000000', roundsText = '3'] = process.argv.slice(2)
const records = Number(recordsText)
const rounds = Number(roundsText)
const partitions = [0, 1, 2, 3, 4, 5]
const levels = ['INFO', 'INFO', 'INFO', 'INFO', 'WARN']
const services = ['checkout', 'search', 'billing', 'gateway', 'profile']

const logs = Array.from({ length: 5_000 }, (_, index) =>
  Buffer.from(
    JSON.stringify({
      timestamp: new Date(1_700_000_000_000 + index * 37).toISOString(),
      level: levels[index % levels.length],
      service: services[index % services.length],
      host: `node-${index % 40}.eu-west-1.internal`,
      requestId: (index * 2_654_435_761).toString(16).padStart(14, '0'),
      method: 'GET',
      path: `/api/v1/orders/${(index * 7_919) % 100_000}`,
      status: 200 + (index % 4),
      latencyMs: Math.round(Math.abs(Math.sin(index)) * 100_000) / 1_000,
      message: `request was served by worker ${index % 64} in the usual way`,
      user: `user-${(index * 31) % 5_000}`,
      trace: (index * 40_503).toString(16).padStart(16, 'a'),
    }),
  ),
)
const keys = Array.from({ length: 200 }, (_, index) => Buffer.from(`key-${index}`))
const rowKeys = Array.from({ length: 5_000 }, (_, index) =>
  Buffer.from(`${services[index % 5]}|${(index * 2_654_435_761).toString(16)}`.padEnd(50, '\0')),
)
const rowValues = rowKeys.map((_, index) => {
  const value = Buffer.alloc(8)
  value.writeDoubleBE(index * 1.25)
  return value
})
const transactionMs = 100
const nobody = { groupId: 'bench', generation: -1, memberId: '', instanceId: undefined }
/** A commit's worth of changelog rows, flushed together. */
const rowsPerCommit = 100_000

async function measure(name: string, count: number, run: () => Promise<void>): Promise<void> {
  const cpuBefore = process.cpuUsage()
  const beforeMs = performance.now()
  await run()
  const tookMs = performance.now() - beforeMs
  const { user, system } = process.cpuUsage(cpuBefore)
  const rate = Math.round(count / tookMs)
  console.log(`${name}: ${rate}k records/s, ${((user + system) / count).toFixed(2)} CPU s per million`)
}

async function withProducer(topic: string, use: (producer: Producer) => Promise<void>) {
  const producer = await client.producer([topic], { clientId: 'bench', bufferedBytesMax: 32 * 1024 * 1024 })
  await use(producer)
  await producer.close(10_000)
}

function produceLogs(producer: Producer, topic: string): Promise<void> {
  return measure('produce logs', records, async () => {
    const now = Date.now()
    for (let index = 0; index < records; index++) {
      if (producer.isFull) await producer.drained()
      producer.send(topic, index % 6, keys[index % 200] as Buffer, logs[index % 5_000] as Buffer, now, [])
    }
    await producer.flush(120_000)
  })
}

/** As a thread under exactly-once sends: offsets and all that was sent are committed after each interval. */
async function produceInTransactions(topic: string): Promise<void> {
  const producer = await client.transactional([topic], { clientId: 'bench', bufferedBytesMax: 32 * 1024 * 1024 })
  let commits = 0
  let waitedMs = 0
  let begunMs = performance.now()
  const end = async (): Promise<void> => {
    const offset = { topic, partition: 0, offset: ++commits, metadata: '' }
    const fromMs = performance.now()
    await producer.commit([offset], nobody, 120_000)
    begunMs = performance.now()
    waitedMs += begunMs - fromMs
  }
  await measure('produce logs in transactions', records, async () => {
    const now = Date.now()
    for (let index = 0; index < records; index++) {
      if (producer.isFull) await producer.drained()
      if (index % 1024 === 0) {
        // A thread lets its event loop turn between polls: what is full leaves before the end.
        await new Promise<void>((resolve) => setImmediate(resolve))
        if (performance.now() - begunMs > transactionMs) await end()
      }
      producer.send(topic, index % 6, keys[index % 200] as Buffer, logs[index % 5_000] as Buffer, now, [])
    }
    await end()
  })
  console.log(`${commits} transactions, ${(waitedMs / commits).toFixed(0)} ms for the end of one`)
  await producer.close(10_000)
}

function produceRows(producer: Producer, topic: string): Promise<void> {
  return measure('produce changelog rows', records, async () => {
    const now = Date.now()
    for (let index = 0; index < records; index++) {
      if (index % rowsPerCommit === 0) await producer.flush(120_000)
      const row = index % 5_000
      producer.send(topic, index % 6, rowKeys[row] as Buffer, rowValues[row] as Buffer, now + row, [])
    }
    await producer.flush(120_000)
  })
}

async function consume(topic: string, touch: boolean): Promise<void> {
  const consumer = client.consumer({ clientId: 'bench', fetchMaxWaitMs: 500, bufferedBytesMax: 64 * 1024 * 1024 })
  consumer.assign(partitions.map((partition) => ({ topic, partition, offset: 'earliest' as const })))
  const expected = records * rounds
  let bytes = 0
  await measure(touch ? 'fetch, decode, touch each value' : 'fetch, decode lazily', expected, async () => {
    for (let count = 0; count < expected; ) {
      for (const batch of await consumer.poll(1_000)) {
        if (touch) for (let index = 0; index < batch.count; index++) bytes += batch.value(index)?.length ?? 0
        count += batch.count
      }
    }
  })
  if (touch) console.log(`mean value ${(bytes / expected).toFixed(0)} bytes`)
  await consumer.close()
}

const cluster = await startKafka({ fullSpeed: true })
const client = new WireClient(cluster.bootstrap)
const topic = await client.topic(partitions.length)
const transactional = await client.topic(partitions.length)
const changelog = await client.topic(partitions.length)
for (let round = 0; round < rounds; round++) {
  await withProducer(topic, (producer) => produceLogs(producer, topic))
  await produceInTransactions(transactional)
  await withProducer(changelog, (producer) => produceRows(producer, changelog))
}
for (let round = 0; round < rounds; round++) {
  await consume(topic, false)
  await consume(topic, true)
}
await client.close()
await cluster.stop()
