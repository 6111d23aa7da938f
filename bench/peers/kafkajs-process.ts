import kafkajs, { type Message } from 'kafkajs'
import { kafkajsCodecs } from '../../test/support/kafkajs-peer.ts'
import { argument, told } from './arguments.ts'
import { alertedJson } from './alerted-json.ts'

/**
 * Job A with kafkajs, until standard input ends: whole batches (`eachBatch`), one request for each, offsets after the
 * outputs, an idempotent producer with all acknowledgments. lz4 is plugged in, because kafkajs leaves it to its users.
 */
const application = argument('application')
const topic = `${application}-out`
const { Kafka, logLevel, Partitioners } = kafkajs
const kafka = new Kafka({ clientId: 'bench', brokers: [argument('bootstrap')], logLevel: logLevel.ERROR })
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true })
const consumer = kafka.consumer({ groupId: application })
await Promise.all([producer.connect(), consumer.connect()])
await consumer.subscribe({ topics: [argument('input')], fromBeginning: true })
let isSeen = false
await consumer.run({
  autoCommitInterval: Number(argument('commitMs')),
  partitionsConsumedConcurrently: 6,
  eachBatch: async ({ batch }) => {
    if (!isSeen) told('FIRST')
    isSeen = true
    const messages: Message[] = []
    for (const { key, value, timestamp } of batch.messages) {
      const alerted = value === null ? undefined : alertedJson(value)
      if (alerted !== undefined) messages.push({ key, value: alerted, timestamp })
    }
    if (messages.length > 0) await producer.send({ topic, messages, acks: -1, compression: kafkajsCodecs.lz4 })
  },
})
for await (const _ of process.stdin) {
  // Only its end is waited for.
}
await consumer.disconnect()
await producer.disconnect()
process.exit(0)
