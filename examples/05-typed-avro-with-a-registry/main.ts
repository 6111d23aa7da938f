import { createSchemaRegistryClient, openTopicWriter, openKafka, silentLogger, startStreams } from 'millrace'
import { createMemorySchemaRegistry, MemoryKafka } from 'millrace/testing'
import { largeOrders, ordersOf } from './large-orders.ts'

/** On a real Kafka and a real registry, until Ctrl-C. */
async function runOn(bootstrap: string, url: string): Promise<void> {
  const client = createSchemaRegistryClient({ url })
  const streams = await startStreams({ applicationId: 'large-orders', kafka: { bootstrap } }, largeOrders(client))
  process.once('SIGINT', () => void streams.close())
  await streams.application.ended
  await client.close()
}

/** On a Kafka and a registry inside this process. */
async function demonstrate(): Promise<void> {
  const client = createMemorySchemaRegistry()
  const kafka = new MemoryKafka({ topics: { orders: 1, 'large-orders': 1 } })
  const settings = { applicationId: 'large-orders', kafka: kafka.connection, logger: silentLogger }
  const streams = await startStreams(settings, largeOrders(client))
  const driver = openKafka(kafka.connection)
  const orders = await openTopicWriter(driver, 'orders', ordersOf(client))
  await orders.write('o1', { customer: 'ann', amount: 250 })
  await orders.write('o2', { customer: 'ben', amount: 10 })
  await orders.close()
  await driver.close()
  const large = kafka.topic('large-orders', ordersOf(client))
  await kafka.until(() => large.read().length === 1)
  await streams.close()
  for (const { key, value } of large.read()) console.log(key, value)
}

const { KAFKA_BOOTSTRAP_SERVERS: bootstrap, SCHEMA_REGISTRY_URL: url = 'http://localhost:8081' } = process.env
await (bootstrap === undefined ? demonstrate() : runOn(bootstrap, url))
