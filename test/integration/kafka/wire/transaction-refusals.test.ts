import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import type { SendFailure, TransactionalProducer } from '../../../../src/kafka/port.ts'
import { errorCode } from '../../../../src/core/errors.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { numbered } from './rig.ts'
import { nobodyOf, send, TransactionRig } from './transaction-rig.ts'

const waitMs = 60_000
const compacted = { 'cleanup.policy': 'compact' }
const protocols = [
  { name: 'with brokers that add partitions themselves', options: {} },
  {
    name: 'with brokers that are asked to add partitions',
    options: { features: { 'transaction.version': 1 } },
  },
]

requireServer('kafka').describe('a record of a transaction that the cluster refuses', () => {
  describe.each(protocols)('$name', ({ options }) => {
    let kafka: KafkaCluster
    let rig: TransactionRig

    beforeAll(async () => {
      kafka = await startKafka(options)
      rig = new TransactionRig(kafka.bootstrap)
    })

    afterAll(async () => {
      await rig?.close()
      await kafka?.stop()
    })

    /** Its leader serves it: a batch that was tried again is not taken apart, it aborts the transaction. */
    async function topicOf(...options: Parameters<TransactionRig['topic']>): Promise<string> {
      const topic = await rig.topic(...options)
      await rig.endOffsets(topic)
      return topic
    }

    const keyed = (producer: TransactionalProducer, topic: string, value: string): void =>
      producer.send(topic, 0, Buffer.from(value), Buffer.from(value), Date.now(), [])

    test('is dropped by continue, and all others are committed in order', async () => {
      const topic = await topicOf(1, compacted)
      const failures: SendFailure[] = []
      const producer = await rig.transactions([topic], {
        batchBytes: 200,
        compression: 'none',
        onSendError: (failure) => {
          failures.push(failure)
          return 'continue'
        },
      })
      const expected: string[] = []
      for (let round = 0; round < 5; round++) {
        for (let index = 0; index < 300; index++) {
          const value = `v${round}-${index}`
          if (index % 37 === 3 * round) send(producer, topic, [value])
          else {
            keyed(producer, topic, value)
            expected.push(value)
          }
        }
        await producer.commit([], nobodyOf('none'), waitMs)
      }
      expect(await rig.values(topic, 1)).toEqual([expected])
      expect(failures).toHaveLength(1_500 - expected.length)
      expect(new Set(failures.map(({ error }) => errorCode(error)))).toEqual(new Set(['INVALID_RECORD']))
      await producer.close(waitMs)
    })

    test('is dropped as the only record of a transaction too', async () => {
      const topic = await topicOf(1, compacted)
      const producer = await rig.transactions([topic], { onSendError: () => 'continue' })
      send(producer, topic, ['refused'])
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(producer.isInTransaction).toBe(false)
      keyed(producer, topic, 'kept')
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([['kept']])
      await producer.close(waitMs)
    })

    test('is dropped when it is too large, and those of its batch are sent without it', async () => {
      const topic = await topicOf(1, { 'max.message.bytes': '2000' })
      const failures: SendFailure[] = []
      const producer = await rig.transactions([topic], {
        compression: 'none',
        onSendError: (failure) => {
          failures.push(failure)
          return 'continue'
        },
      })
      const values = Array.from({ length: 60 }, (_, index) => `${index} ${randomBytes(200).toString('hex')}`)
      for (const [index, value] of values.entries()) {
        send(producer, topic, [index === 20 ? value.repeat(10) : value])
      }
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(failures.map(({ error }) => errorCode(error))).toEqual(['MESSAGE_TOO_LARGE'])
      expect(await rig.values(topic)).toEqual([values.filter((_, index) => index !== 20)])
      await producer.close(waitMs)
    })

    test('may have a dead letter in the same transaction', async () => {
      const [topic, letters] = [await topicOf(1, compacted), await topicOf()]
      const producer: TransactionalProducer = await rig.transactions([topic, letters], {
        onSendError: ({ value }) => {
          producer.send(letters, 0, null, value, Date.now(), [])
          return 'continue'
        },
      })
      send(producer, topic, numbered(3))
      keyed(producer, topic, 'kept')
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([['kept']])
      expect(await rig.values(letters)).toEqual([numbered(3)])
      await producer.close(waitMs)
    })

    test('aborts the transaction by fail', async () => {
      const topic = await topicOf(1, compacted)
      const producer = await rig.transactions([topic])
      keyed(producer, topic, 'aborted')
      send(producer, topic, ['refused'])
      await expect(producer.commit([], nobodyOf('none'), waitMs)).rejects.toMatchObject({ code: 'INVALID_RECORD' })
      await producer.abort(waitMs)
      keyed(producer, topic, 'kept')
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([['kept']])
      await producer.close(waitMs)
    })
  })
})
