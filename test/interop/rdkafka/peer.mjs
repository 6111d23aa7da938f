// Runs node-rdkafka in a process of its own, driven by messages: a native module does not load in a test runner's sandbox.
import { createRequire } from 'node:module'

const { features, KafkaConsumer, Producer } = createRequire(`${process.argv[2]}/package.json`)('node-rdkafka')

process.on('message', async ({ id, command, options }) => {
  try {
    process.send({ id, result: await commands[command](options) })
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) })
  }
})

const commands = { produce, consume, features: () => features }

/** Where each message went, in their order. */
async function produce({ bootstrap, topic, codec, messages }) {
  const producer = new Producer(
    {
      'metadata.broker.list': bootstrap,
      'compression.codec': codec,
      'enable.idempotence': true,
      'linger.ms': 20,
      'queue.buffering.max.messages': messages.length + 10,
      dr_cb: true,
    },
    { partitioner: 'murmur2_random' },
  )
  await connected(producer)
  const reports = []
  const delivered = new Promise((resolve, reject) => {
    producer.on('delivery-report', (error, { partition, offset, opaque }) => {
      if (error) reject(error)
      reports[opaque] = { partition, offset }
      if (Object.keys(reports).length === messages.length) resolve()
    })
  })
  producer.setPollInterval(20)
  messages.forEach(({ key, value, timestampMs, partition = -1, headers }, index) => {
    const list = Object.entries(headers).map(([name, bytes]) => ({ [name]: typeof bytes === 'string' ? bytes : buffer(bytes) }))
    producer.produce(topic, partition, buffer(value), buffer(key), timestampMs, index, list)
  })
  await delivered
  await new Promise((resolve) => producer.disconnect(resolve))
  return reports
}

async function consume({ bootstrap, topic, partitions, count }) {
  const consumer = new KafkaConsumer(
    { 'metadata.broker.list': bootstrap, 'group.id': `rdkafka-${topic}`, 'enable.auto.commit': false },
    { 'auto.offset.reset': 'earliest' },
  )
  await connected(consumer)
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })))
  const records = []
  while (records.length < count) {
    const batch = await new Promise((resolve, reject) =>
      consumer.consume(1000, (error, messages) => (error ? reject(error) : resolve(messages))),
    )
    for (const { partition, offset, timestamp, key, value, headers = [] } of batch) {
      records.push({ partition, offset, timestampMs: timestamp, key, value, headers: Object.assign({}, ...headers) })
    }
  }
  await new Promise((resolve) => consumer.disconnect(resolve))
  return records
}

function connected(client) {
  return new Promise((resolve, reject) => {
    client.on('event.error', reject)
    client.connect({ timeout: 20_000 }, (error) => (error ? reject(error) : resolve()))
  })
}

/** Messages between processes carry text and plain Uint8Arrays. */
function buffer(bytes) {
  return bytes === null ? null : Buffer.from(bytes)
}
