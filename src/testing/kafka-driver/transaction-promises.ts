import assert from 'node:assert/strict'
import { consequenceOf, errorCode } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import { type SuiteApi, text } from './bench.ts'
import { assertAt, nobodyOf, offsetOf, TransactionBench } from './transaction-bench.ts'

/**
 * What every `TransactionalProducer` keeps while it is alone: nothing is visible before the end, and then all or
 * nothing, offsets included; and what readers of both isolation levels see of it. `fencing-promises.ts` has what happens
 * when another takes its id or its tasks.
 */
export function transactionPromises({ describe, test, bench }: SuiteApi): void {
  const transactions = () => new TransactionBench(bench())

  describe('a transaction', () => {
    test('nothing of a transaction is visible before its end, and then all of it in order', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      const values = Array.from({ length: 500 }, (_, index) => `value ${index}`)
      await transactions().deliver(producer, topic, values)
      assert.deepEqual(await transactions().valuesNow(topic, 'read_committed'), [])
      assert.deepEqual(await transactions().valuesNow(topic, 'read_uncommitted'), values)
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), values)
    })

    test('two partitions and the offsets of a transaction are committed together', async () => {
      const [topic, source] = [await bench().topic(2), await bench().topic(2)]
      const groupId = bench().name('group')
      const producer = await transactions().producer([topic])
      await transactions().deliver(producer, topic, ['zero'], 0)
      await transactions().deliver(producer, topic, ['one'], 1)
      assert.equal(await transactions().committedOffset(groupId, source, 1), undefined)
      await transactions().commit(producer, [offsetOf(source, 7), offsetOf(source, 9, 1)], nobodyOf(groupId))
      assert.equal(await transactions().committedOffset(groupId, source, 0), 7)
      assert.equal(await transactions().committedOffset(groupId, source, 1), 9)
      assert.deepEqual(await transactions().committed(topic, 0), ['zero'])
      assert.deepEqual(await transactions().committed(topic, 1), ['one'])
    })

    test('the metadata of an offset is committed with it', async () => {
      const [topic, groupId] = [await bench().topic(), bench().name('group')]
      const producer = await transactions().producer([topic])
      await transactions().commit(producer, [{ ...offsetOf(topic, 3), metadata: 'AgAAAZ…' }], nobodyOf(groupId))
      // Only the first read waits for the end of the transaction. What it has seen, the second one sees.
      const reads = [
        () =>
          bench()
            .consumer()
            .committed(groupId, [{ topic, partition: 0 }]),
        () => bench().admin.groupOffsets(groupId),
      ]
      for (const read of reads) {
        const found = await bench().settle(read())
        assert.deepEqual(
          found.map((each) => [each.topic, each.partition, each.offset, each.metadata]),
          [[topic, 0, 3, 'AgAAAZ…']],
        )
      }
    })

    test('a commit with nothing in it does nothing', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      await transactions().commit(producer)
      await transactions().abort(producer)
      assert.equal(await transactions().end(topic, 'read_uncommitted'), 0)
      await transactions().deliver(producer, topic, ['a'])
      await transactions().commit(producer)
      const end = await transactions().settledEnd(topic)
      await transactions().commit(producer)
      assert.equal(await transactions().settledEnd(topic), end)
    })

    test('many transactions follow one another, and each is committed', async () => {
      const [topic, source, groupId] = [await bench().topic(2), await bench().topic(), bench().name('group')]
      const producer = await transactions().producer([topic])
      for (let index = 0; index < 40; index++) {
        transactions().send(producer, topic, [`a${index}`, `b${index}`], index % 2)
        await transactions().commit(producer, [offsetOf(source, index)], nobodyOf(groupId))
      }
      const values = [...(await transactions().committed(topic, 0)), ...(await transactions().committed(topic, 1))]
      const numbers = Array.from({ length: 20 }, (_, index) => index * 2)
      const pairs = (index: number): readonly string[] => [`a${index}`, `b${index}`]
      assert.deepEqual(values, [...numbers.flatMap(pairs), ...numbers.map((index) => index + 1).flatMap(pairs)])
      assert.equal(await transactions().committedOffset(groupId, source), 39)
    })

    test('a producer is in a transaction from the first record to the end', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      const seen = [producer.isInTransaction]
      for (const end of ['commit', 'abort'] as const) {
        transactions().send(producer, topic, ['a'])
        seen.push(producer.isInTransaction)
        await transactions()[end](producer)
        seen.push(producer.isInTransaction)
      }
      assert.deepEqual(seen, [false, true, false, true, false])
    })

    test('the acknowledged offset of a committed record is the one after it, and the marker comes behind', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      assert.equal(producer.acknowledgedOffset(topic, 0), undefined)
      transactions().send(producer, topic, ['a', 'b', 'c'])
      await transactions().commit(producer)
      assert.equal(producer.acknowledgedOffset(topic, 0), 3)
      assert.equal(await transactions().settledEnd(topic), 4)
      transactions().send(producer, topic, ['d'])
      await transactions().commit(producer)
      assert.equal(producer.acknowledgedOffset(topic, 0), 5)
    })
  })

  describe('an aborted transaction', () => {
    test('an aborted transaction leaves nothing, and the next one is committed', async () => {
      const topic = await bench().topic(2)
      const producer = await transactions().producer([topic])
      await transactions().deliver(producer, topic, ['aborted', 'aborted'], 0)
      await transactions().deliver(producer, topic, ['aborted'], 1)
      await transactions().abort(producer)
      transactions().send(producer, topic, ['kept'], 0)
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic, 0), ['kept'])
      assert.deepEqual(await transactions().committed(topic, 1), [])
      assert.deepEqual(await transactions().valuesNow(topic, 'read_uncommitted', 0), ['aborted', 'aborted', 'kept'])
    })

    test('records that were not sent yet are dropped by an abort', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic], { lingerMs: 60_000 })
      transactions().send(producer, topic, ['dropped'])
      await transactions().abort(producer)
      transactions().send(producer, topic, ['kept'])
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), ['kept'])
    })

    test('a record that is refused makes the commit fail, and nothing of its transaction is visible', async () => {
      const [topic, compacted] = [await bench().topic(), await bench().topic(1, { 'cleanup.policy': 'compact' })]
      const [source, groupId] = [await bench().topic(), bench().name('group')]
      const producer = await transactions().producer([topic, compacted])
      transactions().send(producer, topic, ['aborted'])
      transactions().send(producer, compacted, ['has no key'])
      const commit = () => transactions().commit(producer, [offsetOf(source, 1)], nobodyOf(groupId))
      await bench().rejectsWith(commit(), 'INVALID_RECORD')
      await bench().rejectsWith(commit(), 'INVALID_RECORD')
      assert.equal(producer.isInTransaction, true)
      await transactions().abort(producer)
      assert.equal(await transactions().committedOffset(groupId, source), undefined)
      transactions().send(producer, topic, ['kept'])
      await transactions().commit(producer, [offsetOf(source, 2)], nobodyOf(groupId))
      assert.deepEqual(await transactions().committed(topic), ['kept'])
      assert.deepEqual(await transactions().committed(compacted), [])
      assert.equal(await transactions().committedOffset(groupId, source), 2)
    })

    test('a record that is refused is dropped where its handler lets it, and the others are committed', async () => {
      const [topic, compacted] = [await bench().topic(), await bench().topic(1, { 'cleanup.policy': 'compact' })]
      const refused: unknown[] = []
      const producer = await transactions().producer([topic, compacted], {
        onSendError: ({ error }) => {
          refused.push(errorCode(error))
          return 'continue'
        },
      })
      transactions().send(producer, topic, ['kept'])
      transactions().send(producer, compacted, ['has no key'])
      await bench().settle(producer.flush(10_000))
      producer.send(compacted, 0, text('key'), text('has a key'), 0, noHeaders)
      await transactions().commit(producer)
      assert.deepEqual(refused, ['INVALID_RECORD'])
      assert.deepEqual(await transactions().committed(topic), ['kept'])
      assert.deepEqual(await transactions().committed(compacted), ['has a key'])
    })

    test('after a failure, initialize drops what was sent, too', async () => {
      const [topic, compacted] = [await bench().topic(), await bench().topic(1, { 'cleanup.policy': 'compact' })]
      const producer = await transactions().producer([topic, compacted])
      await transactions().deliver(producer, topic, ['aborted'])
      transactions().send(producer, compacted, ['has no key'])
      await bench().rejectsWith(transactions().commit(producer), 'INVALID_RECORD')
      await transactions().initialize(producer)
      assert.equal(producer.isInTransaction, false)
      transactions().send(producer, topic, ['kept'])
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), ['kept'])
    })

    test('a producer that is closed aborts what is open', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      await transactions().deliver(producer, topic, ['aborted'])
      await bench().settle(producer.close(10_000))
      assert.deepEqual(await transactions().committed(topic), [])
    })

    test('a transaction that is open for longer than its timeout is aborted, and its producer learns of it', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic], { transactionTimeoutMs: 1_000 })
      await transactions().deliver(producer, topic, ['too late'])
      assert.deepEqual(await transactions().committed(topic), [])
      const error = await rejectionOf(transactions().commit(producer))
      if (errorCode(error) !== 'PRODUCER_FENCED') assert.equal(consequenceOf(error), 'transaction-aborted')
      await transactions().initialize(producer)
      transactions().send(producer, topic, ['in time'])
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), ['in time'])
    })
  })

  describe('a reader of transactions', () => {
    test('a reader waits for an open transaction with all records behind it', async () => {
      const topic = await bench().topic()
      const [first, second] = [await transactions().producer([topic]), await transactions().producer([topic])]
      await bench().write(topic, ['before'])
      await transactions().deliver(first, topic, ['aborted'])
      await transactions().deliver(second, topic, ['committed'])
      await transactions().commit(second)
      await bench().write(topic, ['behind'])
      const consumer = bench().consumerAt(topic, 'earliest')
      assert.deepEqual(await bench().readValues(consumer, 1), ['before'])
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      assertAt(consumer, { topic, partition: 0 }, 1)
      assert.equal(consumer.endOffset({ topic, partition: 0 }), 1)
      await transactions().abort(first)
      assert.deepEqual(await bench().readValues(consumer, 2), ['committed', 'behind'])
    })

    test('of transactions that overlap, a reader gets the records of the committed one', async () => {
      const topic = await bench().topic()
      const [first, second] = [await transactions().producer([topic]), await transactions().producer([topic])]
      for (let index = 0; index < 5; index++) {
        await transactions().deliver(first, topic, [`aborted ${index}`])
        await transactions().deliver(second, topic, [`committed ${index}`])
      }
      await transactions().abort(first)
      await transactions().commit(second)
      const kept = Array.from({ length: 5 }, (_, index) => `committed ${index}`)
      assert.deepEqual(await transactions().committed(topic), kept)
    })

    test('positions of both levels pass over markers and aborted records to the end', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      for (const end of ['commit', 'abort', 'abort'] as const) {
        await transactions().deliver(producer, topic, [end])
        await transactions()[end](producer)
      }
      assert.equal(await transactions().settledEnd(topic), 6)
      for (const isolationLevel of ['read_committed', 'read_uncommitted'] as const) {
        const consumer = bench().consumerAt(topic, 'earliest', { isolationLevel })
        const values: (string | null)[] = []
        await bench().eventually(async () => {
          values.push(...(await bench().poll(consumer)).map(({ value }) => value))
          assertAt(consumer, { topic, partition: 0 }, 6)
          assert.equal(consumer.endOffset({ topic, partition: 0 }), 6)
        })
        assert.deepEqual(values, isolationLevel === 'read_committed' ? ['commit'] : ['commit', 'abort', 'abort'])
      }
    })

    test('the end of the log depends on the isolation level', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const producer = await transactions().producer([topic])
      await transactions().deliver(producer, topic, ['open'])
      assert.equal(await transactions().end(topic, 'read_committed'), 2)
      assert.equal(await transactions().end(topic, 'read_uncommitted'), 3)
      const consumer = bench().consumerAt(topic, 'latest')
      await bench().eventually(() => assertAt(consumer, { topic, partition: 0 }, 2))
      await transactions().commit(producer)
      assert.deepEqual(await bench().readValues(consumer, 1), ['open'])
      assert.equal(await transactions().settledEnd(topic), 4)
    })

    test('a reader may start in the middle of a transaction', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic])
      await transactions().deliver(producer, topic, ['a', 'b', 'c'])
      const consumer = bench().consumerAt(topic, 1)
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      await transactions().commit(producer)
      assert.deepEqual(await bench().readValues(consumer, 2), ['b', 'c'])
      await transactions().deliver(producer, topic, ['d', 'e'])
      await transactions().abort(producer)
      const end = await transactions().settledEnd(topic)
      const late = bench().consumerAt(topic, 5)
      assert.deepEqual(await bench().readForAWhile(late), [])
      await bench().eventually(async () => {
        assert.deepEqual(await bench().poll(late), [])
        assertAt(late, { topic, partition: 0 }, end)
      })
    })

    test('a batch ends where the next fetch is to begin, whatever the size of a fetch', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic], { batchBytes: 200 })
      const kept: string[] = []
      for (let index = 0; index < 12; index++) {
        const values = Array.from({ length: 1 + (index % 4) }, (_, record) => `${index}-${record}-${'x'.repeat(40)}`)
        await transactions().deliver(producer, topic, values)
        if (index % 3 === 1) await transactions().abort(producer)
        else {
          await transactions().commit(producer)
          kept.push(...values)
        }
      }
      const end = await transactions().settledEnd(topic)
      const consumer = bench().consumerAt(topic, 'earliest', { partitionFetchMaxBytes: 150, fetchMaxBytes: 150 })
      const values: string[] = []
      await bench().eventually(async () => {
        for (const batch of await bench().settle(consumer.poll(20))) {
          for (let index = 0; index < batch.count; index++)
            values.push(Buffer.from(batch.value(index) ?? []).toString())
          assert.ok(batch.nextOffset > batch.offset(batch.count - 1))
        }
        assertAt(consumer, { topic, partition: 0 }, end)
      })
      assert.deepEqual(values, kept)
    })
  })

  describe('a transactional producer', () => {
    test('a transactional producer has to be initialized before it sends', async () => {
      const topic = await bench().topic()
      const producer = await transactions().uninitialized([topic])
      assert.throws(
        () => producer.send(topic, 0, null, text('a'), 0, noHeaders),
        (error) => consequenceOf(error) === 'fatal',
      )
      await transactions().initialize(producer)
      transactions().send(producer, topic, ['a'])
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), ['a'])
    })

    test('a transactional producer reports when it is full, and when there is room again', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic], { bufferedBytesMax: 20_000 })
      let sent = 0
      for (; !producer.isFull; sent++) producer.send(topic, 0, null, new Uint8Array(1_000), 0, noHeaders)
      await bench().settle(producer.drained())
      assert.equal(producer.isFull, false)
      await transactions().commit(producer)
      assert.equal((await transactions().committed(topic)).length, sent)
    })

    test('a transactional producer refuses a record that is too large, and commits the others', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic], { maxRequestBytes: 10_000 })
      transactions().send(producer, topic, ['a'])
      assert.throws(
        () => producer.send(topic, 0, null, new Uint8Array(10_001), 0, noHeaders),
        (error) => errorCode(error) === 'RECORD_TOO_LARGE' && consequenceOf(error) === 'record',
      )
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), ['a'])
    })
  })
}

export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new assert.AssertionError({ message: 'it did not reject' })
}
