import assert from 'node:assert/strict'
import { consequenceOf, errorCode } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import type { Compression, SendFailure } from '../../kafka/port.ts'
import { type SuiteApi, text } from './bench.ts'

/**
 * What every `Producer` keeps: order within a partition, everything acknowledged when a flush resolves, no byte kept of
 * what it was given, a bound that shows as `isFull`, and the handler's word on a record that cannot be delivered
 * (`continue` drops it, `fail` makes the flush reject once).
 */
export function producerPromises({ describe, test, bench }: SuiteApi): void {
  describe('a producer', () => {
    test('a producer keeps the order of a partition', async () => {
      const topic = await bench().topic()
      const values = Array.from({ length: 2_000 }, (_, index) => `value ${index}`)
      await bench().write(topic, values)
      assert.deepEqual(await bench().readValues(bench().consumerAt(topic, 'earliest'), 2_000), values)
    })

    test('a producer knows only the partitions of the topics that it prepared', async () => {
      const topic = await bench().topic(3)
      const producer = await bench().producer([topic])
      assert.equal(producer.partitionCount(topic), 3)
      assert.equal(producer.partitionCount(bench().name('other')), undefined)
    })

    test('preparing a missing topic rejects', async () => {
      const producer = await bench().producer([])
      await bench().rejectsWith(producer.prepareTopics([bench().name('missing')], 300), 'UNKNOWN_TOPIC')
    })

    test('a producer that may choose the partition uses all partitions and loses nothing', async () => {
      const topic = await bench().topic(3)
      const producer = await bench().producer([topic], { batchBytes: 500 })
      // Many batches: with few of them it may well be that one partition is never drawn.
      const values = Array.from({ length: 2_000 }, (_, index) => `value ${String(index).padStart(4, '0')}`)
      for (const value of values) producer.send(topic, -1, null, text(value), 0, noHeaders)
      await bench().settle(producer.flush(10_000))
      const consumer = bench().consumer()
      consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
      const records = await bench().read(consumer, values.length)
      assert.deepEqual(records.map((record) => record.value).sort(), values)
      assert.equal(new Set(records.map((record) => record.partition)).size, 3)
    })

    test('a producer keeps no reference to the bytes that it was given', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic])
      const bytes = Buffer.from('first')
      producer.send(topic, 0, bytes, bytes, 0, [{ key: 'h', value: bytes }])
      bytes.write('other')
      await bench().settle(producer.flush(10_000))
      const [record] = await bench().read(bench().consumerAt(topic, 'earliest'), 1)
      assert.deepEqual([record?.key, record?.value], ['first', 'first'])
      assert.equal(Buffer.from(record?.headers[0]?.value ?? []).toString(), 'first')
    })

    test('a flush resolves when all records are acknowledged', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic])
      assert.equal(producer.acknowledgedOffset(topic, 0), undefined)
      for (let index = 0; index < 50; index++) producer.send(topic, 0, null, text('value'), 0, noHeaders)
      await bench().settle(producer.flush(10_000))
      assert.equal(producer.acknowledgedOffset(topic, 0), 50)
      assert.equal(await bench().endOffset(topic), 50)
    })

    test('a flush without records resolves immediately', async () => {
      const producer = await bench().producer([await bench().topic()])
      await bench().settle(producer.flush(10_000))
    })

    test('a producer flushes when it is closed, and then accepts no more records', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic], { lingerMs: 60_000 })
      producer.send(topic, 0, null, text('last'), 0, noHeaders)
      await bench().settle(producer.close(10_000))
      assert.equal(await bench().endOffset(topic), 1)
      const error = thrownBy(() => producer.send(topic, 0, null, text('later'), 0, noHeaders))
      assert.equal(consequenceOf(error), 'fatal')
    })

    test('a producer refuses only the record that is too large', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic], { maxRequestBytes: 10_000 })
      const error = thrownBy(() => producer.send(topic, 0, null, new Uint8Array(10_001), 0, noHeaders))
      assert.deepEqual([errorCode(error), consequenceOf(error)], ['RECORD_TOO_LARGE', 'record'])
      producer.send(topic, 0, null, text('small'), 0, noHeaders)
      await bench().settle(producer.flush(10_000))
      assert.equal(await bench().endOffset(topic), 1)
    })

    test('a producer reports when it is full, and when there is room again', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic], { bufferedBytesMax: 20_000 })
      assert.equal(producer.isFull, false)
      let sent = 0
      for (; !producer.isFull; sent++) producer.send(topic, 0, null, new Uint8Array(1_000), 0, noHeaders)
      assert.ok(sent >= 10 && sent <= 21, `full after ${sent} records of 1000 bytes`)
      await bench().settle(producer.drained())
      assert.equal(producer.isFull, false)
      await bench().settle(producer.flush(10_000))
      assert.equal(await bench().endOffset(topic), sent)
    })

    for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] satisfies Compression[]) {
      test(`a consumer can read what a producer writes: ${compression}`, async () => {
        const topic = await bench().topic()
        const producer = await bench().producer([topic], { compression })
        const values = Array.from({ length: 100 }, (_, index) => `value ${index} ${'again '.repeat(20)}`)
        for (const value of values) producer.send(topic, 0, null, text(value), 0, noHeaders)
        await bench().settle(producer.close(10_000))
        assert.deepEqual(await bench().readValues(bench().consumerAt(topic, 'earliest'), 100), values)
      })
    }
  })

  describe('a record that cannot be delivered', () => {
    const compacted = { 'cleanup.policy': 'compact' }

    test('a record that cannot be delivered is passed to the handler completely, and dropped on continue', async () => {
      const topic = await bench().topic(1, compacted)
      const failures: SendFailure[] = []
      const producer = await bench().producer([topic], {
        onSendError: (failure) => {
          failures.push(failure)
          return 'continue'
        },
      })
      producer.send(topic, 0, null, text('no key'), 7, [{ key: 'h', value: text('v') }])
      await bench().settle(producer.flush(10_000))
      producer.send(topic, 0, text('key'), text('fine'), 8, noHeaders)
      await bench().settle(producer.flush(10_000))
      assert.deepEqual(
        failures.map(({ topic: name, partition, key, value, timestamp, headers, error }) => ({
          place: `${name}/${partition}`,
          key,
          value: Buffer.from(value ?? []).toString(),
          timestamp,
          headers: headers.map((header) => header.key),
          code: errorCode(error),
        })),
        [{ place: `${topic}/0`, key: null, value: 'no key', timestamp: 7, headers: ['h'], code: 'INVALID_RECORD' }],
      )
      assert.deepEqual(await bench().readValues(bench().consumerAt(topic, 'earliest'), 1), ['fine'])
    })

    test('a record that cannot be delivered makes the flush reject on fail', async () => {
      const topic = await bench().topic(1, compacted)
      const producer = await bench().producer([topic], { onSendError: () => 'fail' })
      producer.send(topic, 0, null, text('no key'), 0, noHeaders)
      await bench().rejectsWith(producer.flush(10_000), 'INVALID_RECORD')
    })
  })
}

function thrownBy(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new assert.AssertionError({ message: 'it did not throw' })
}
