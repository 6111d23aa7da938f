import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/core/errors.ts'
import type { KafkaDriver, TransactionalProducer, TransactionalProducerOptions } from '../../../../src/kafka/port.ts'
import { type ProxiedKafka, startProxiedKafka } from '../../../support/proxied-kafka.ts'
import { requireServer } from '../../../support/require-server.ts'
import { numbered } from './rig.ts'
import { nobodyOf, offsetOf, send, TransactionRig } from './transaction-rig.ts'

const waitMs = 60_000
const writeMarkersKey = 27
const apiKeys = {
  Produce: 0,
  FindCoordinator: 10,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const
type ApiName = keyof typeof apiKeys

const common: readonly ApiName[] = ['FindCoordinator', 'InitProducerId', 'Produce', 'TxnOffsetCommit', 'EndTxn']
const protocols = [
  { name: 'with brokers that add partitions themselves', features: undefined, names: common },
  {
    name: 'with brokers that are asked to add partitions',
    features: { 'transaction.version': 0 },
    names: [...common, 'AddPartitionsToTxn', 'AddOffsetsToTxn'] satisfies ApiName[],
  },
]

requireServer('kafka').describe('faults of the network in a transaction', () => {
  describe.each(protocols)('$name', ({ features, names }) => {
    let proxied: ProxiedKafka
    let rig: TransactionRig
    let driver: KafkaDriver

    beforeAll(async () => {
      proxied = await startProxiedKafka({}, features)
      rig = new TransactionRig(proxied.bootstrap)
    })

    afterEach(async () => {
      proxied.proxy.heal()
      await driver?.close()
    })

    afterAll(async () => {
      await rig?.close()
      await proxied?.stop()
    })

    /** Of a client that knows nothing of the cluster yet. */
    async function newProducer(
      topic: string,
      options: Partial<TransactionalProducerOptions> = {},
    ): Promise<TransactionalProducer> {
      driver = rig.otherDriver(proxied.bootstrap, { requestTimeoutMs: 2_000 })
      const producer = rig.uninitialized(options, driver)
      await producer.prepareTopics([topic], waitMs)
      return producer
    }

    /** Takes requests or answers of this API away, as a broker that hangs. */
    function swallow(name: ApiName, what: 'request' | 'response'): void {
      const judge = (passage: { readonly apiKey: number }) => (passage.apiKey === apiKeys[name] ? 'swallow' : 'pass')
      if (what === 'request') proxied.proxy.onRequest(judge)
      else proxied.proxy.onResponse(judge)
    }

    for (const name of names) {
      test.each(['request', 'response'] as const)(
        `a connection that drops at ${name} (%s) costs nothing`,
        async (at) => {
          const topic = await rig.topic(2)
          const group = nobodyOf(`g-${topic}`)
          const producer = await newProducer(topic, { batchBytes: 500 })
          const cut = proxied.proxy.cutNext(apiKeys[name], at)
          await producer.initialize(waitMs)
          send(producer, topic, numbered(200), 0)
          send(producer, topic, numbered(100), 1)
          await producer.commit(offsetOf(topic, 5), group, waitMs)
          await cut
          send(producer, topic, numbered(100, 200), 0)
          await producer.commit(offsetOf(topic, 6), group, waitMs)
          expect(await rig.values(topic, 2)).toEqual([numbered(300), numbered(100)])
          expect(await rig.committed(group.groupId, topic)).toBe(6)
          await producer.close(waitMs)
        },
      )
    }

    test.each([
      { what: 'response' as const, values: ['first', 'next'] },
      { what: 'request' as const, values: ['next'] },
    ])('an end whose $what is lost is unknown, and decided by initialize', async ({ what, values }) => {
      const topic = await rig.topic()
      const producer = await newProducer(topic)
      await producer.initialize(waitMs)
      send(producer, topic, ['first'])
      swallow('EndTxn', what)
      await expect(producer.commit([], nobodyOf('none'), 3_000)).rejects.toMatchObject({
        code: 'TRANSACTION_OUTCOME_UNKNOWN',
        consequence: 'task-migrated',
      })
      expect(producer.isInTransaction).toBe(false)
      expect(() => send(producer, topic, ['more'])).toThrow(
        expect.objectContaining({ code: 'TRANSACTION_OUTCOME_UNKNOWN' }),
      )
      proxied.proxy.heal()
      await producer.initialize(waitMs)
      send(producer, topic, ['next'])
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([values])
    })

    test('records that are not acknowledged in time abort the transaction, and no other', async () => {
      const topic = await rig.topic()
      const producer = await newProducer(topic, { deliveryTimeoutMs: 1_500, batchBytes: 200 })
      await producer.initialize(waitMs)
      send(producer, topic, ['before'])
      await producer.commit([], nobodyOf('none'), waitMs)
      swallow('Produce', 'response')
      send(producer, topic, numbered(50))
      await expect(producer.commit([], nobodyOf('none'), waitMs)).rejects.toMatchObject({
        code: 'TRANSACTION_ABORTABLE',
        consequence: 'transaction-aborted',
        details: { causeCode: 'DELIVERY_TIMEOUT' },
      })
      expect(rig.refused).toEqual([])
      proxied.proxy.heal()
      await producer.abort(waitMs)
      send(producer, topic, numbered(50))
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([['before', ...numbered(50)]])
    })

    test('a record that is refused after a wait for the transaction before is for its handler to decide', async () => {
      const topic = await rig.topic(1, { 'cleanup.policy': 'compact' })
      const refused: unknown[] = []
      const producer = await newProducer(topic, {
        onSendError: ({ error }) => {
          refused.push(errorCode(error))
          return 'continue'
        },
      })
      await producer.initialize(waitMs)
      producer.send(topic, 0, Buffer.from('k'), Buffer.from('first'), Date.now(), [])
      // The broker writes the markers of an end over the network: until then the next transaction waits.
      proxied.proxy.onRequest(({ apiKey }) => (apiKey === writeMarkersKey ? { delayMs: 600 } : 'pass'))
      await producer.commit([], nobodyOf('none'), waitMs)
      send(producer, topic, ['has no key'])
      producer.send(topic, 0, Buffer.from('k'), Buffer.from('second'), Date.now(), [])
      await producer.commit([], nobodyOf('none'), waitMs)
      proxied.proxy.heal()
      expect(refused).toEqual(['INVALID_RECORD'])
      expect(await rig.values(topic)).toEqual([['first', 'second']])
    })

    test('offsets that the group does not take in time abort the transaction', async () => {
      const topic = await rig.topic()
      const group = nobodyOf(`g-${topic}`)
      const producer = await newProducer(topic)
      await producer.initialize(waitMs)
      send(producer, topic, ['a'])
      swallow('TxnOffsetCommit', 'response')
      await expect(producer.commit(offsetOf(topic, 1), group, 3_000)).rejects.toMatchObject({
        code: 'TRANSACTION_ABORTABLE',
      })
      proxied.proxy.heal()
      await producer.abort(waitMs)
      expect(await rig.committed(group.groupId, topic)).toBe(-1)
      send(producer, topic, ['b'])
      await producer.commit(offsetOf(topic, 2), group, waitMs)
      expect(await rig.values(topic)).toEqual([['b']])
      expect(await rig.committed(group.groupId, topic)).toBe(2)
    })

    test('an abort does not wait for a broker that never answers what is in flight', async () => {
      const topic = await rig.topic()
      const producer = await newProducer(topic)
      await producer.initialize(waitMs)
      send(producer, topic, ['a'])
      let isSwallowed = false
      proxied.proxy.onResponse(({ apiKey }) => {
        if (apiKey !== apiKeys.Produce || isSwallowed) return 'pass'
        isSwallowed = true
        return 'swallow'
      })
      await expect(producer.flush(300)).rejects.toMatchObject({ code: 'FLUSH_TIMEOUT' })
      const startedMs = performance.now()
      await producer.abort(3_000)
      expect(performance.now() - startedMs).toBeLessThan(2_900)
      send(producer, topic, ['b'])
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([['b']])
    })

    test('every call ends in its time while no broker answers, and all is well after it', async () => {
      const topic = await rig.topic()
      const producer = await newProducer(topic)
      await producer.initialize(waitMs)
      send(producer, topic, ['a'])
      await producer.flush(waitMs)
      proxied.proxy.blackHole()
      const startedMs = performance.now()
      await expect(producer.abort(1_000)).rejects.toMatchObject({ consequence: 'task-migrated' })
      await expect(producer.initialize(1_000)).rejects.toMatchObject({ consequence: 'retriable' })
      expect(performance.now() - startedMs).toBeLessThan(4_000)
      proxied.proxy.heal()
      await producer.initialize(waitMs)
      send(producer, topic, ['b'])
      await producer.commit([], nobodyOf('none'), waitMs)
      expect(await rig.values(topic)).toEqual([['b']])
    })
  })
})
