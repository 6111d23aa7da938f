import { minutes, seconds, silentLogger, startStreams } from 'millrace'
import { MemoryKafka } from 'millrace/testing'
import { customers, orders, payments, revenue, revenues } from './revenue.ts'

/** On a real Kafka, until Ctrl-C. `orders` and `payments` need the same number of partitions. */
async function runOn(bootstrap: string): Promise<void> {
  const streams = await startStreams({ applicationId: 'revenue', kafka: { bootstrap } }, revenue)
  process.once('SIGINT', () => void streams.close())
  await streams.application.ended
}

/** On a Kafka inside this process. */
async function demonstrate(): Promise<void> {
  const kafka = new MemoryKafka({ topics: { orders: 1, payments: 1, customers: 1, revenues: 1 } })
  const placed = kafka.topic('orders', orders)
  const paid = kafka.topic('payments', payments)
  const reports = kafka.topic('revenues', revenues)
  kafka.topic('customers', customers).write('ann', { name: 'Ann', country: 'NO' }, { timestamp: 0 })
  placed.write('o1', { customer: 'ann', amount: 20 }, { timestamp: seconds(1) })
  paid.write('o1', 'card', { timestamp: seconds(4) })
  placed.write('o2', { customer: 'ann', amount: 1 }, { timestamp: minutes(2) })
  paid.write('o2', 'card', { timestamp: minutes(2) })
  // Cached results are emitted with each commit: every 30 s by default, as in Kafka Streams.
  const settings = { applicationId: 'revenue', commitIntervalMs: 50, kafka: kafka.connection, logger: silentLogger }
  const streams = await startStreams(settings, revenue)
  await kafka.until(() => reports.read().length === 1)
  await streams.close()
  for (const { value } of reports.read()) console.log(value)
}

const bootstrap = process.env.KAFKA_BOOTSTRAP_SERVERS
await (bootstrap === undefined ? demonstrate() : runOn(bootstrap))
