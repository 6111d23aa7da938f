import assert from 'node:assert/strict'
import { consequenceOf } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import type { GroupMetadata } from '../../kafka/port.ts'
import { type SuiteApi, text } from './bench.ts'

/**
 * What every `Consumer` keeps, on a broker or in memory: reading in order and byte for byte; waiting no longer than
 * asked; moving by `seek` and `assign`; pausing without loss; symbolic starts; resets of positions outside of the log;
 * commits with metadata, fenced by the generation.
 *
 * Writes with the producer of the same driver, so that a driver whose reading and writing are wrong in the same way
 * would pass: the tests of interoperability read and write with other clients.
 */
export function consumerPromises({ describe, test, bench }: SuiteApi): void {
  describe('a consumer reads', () => {
    test('a consumer reads records in the order they were written, with offsets and timestamps', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'], 0, [1_000, 3_000, 2_000])
      const records = await bench().read(bench().consumerAt(topic, 'earliest'), 3)
      assert.deepEqual(
        records.map(({ partition, offset, timestamp, value }) => [partition, offset, timestamp, value]),
        [
          [0, 0, 1_000, 'a'],
          [0, 1, 3_000, 'b'],
          [0, 2, 2_000, 'c'],
        ],
      )
    })

    test('a consumer distinguishes null from empty keys and values', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic])
      producer.send(topic, 0, null, null, 0, noHeaders)
      producer.send(topic, 0, text(''), text(''), 0, noHeaders)
      producer.send(topic, 0, text('key'), null, 0, noHeaders)
      await bench().settle(producer.close(10_000))
      const records = await bench().read(bench().consumerAt(topic, 'earliest'), 3)
      assert.deepEqual(
        records.map(({ key, value }) => [key, value]),
        [
          [null, null],
          ['', ''],
          ['key', null],
        ],
      )
    })

    test('a consumer reads headers byte for byte and in order: binary, empty, null, repeated names', async () => {
      const topic = await bench().topic()
      const producer = await bench().producer([topic])
      const headers = [
        { key: 'binary', value: new Uint8Array([0, 255, 128, 10]) },
        { key: 'none', value: null },
        { key: 'empty', value: new Uint8Array(0) },
        { key: 'binary', value: new Uint8Array([1]) },
        { key: 'ключ', value: text('значение') },
      ]
      producer.send(topic, 0, null, text('a'), 0, headers)
      producer.send(topic, 0, null, text('b'), 0, noHeaders)
      await bench().settle(producer.close(10_000))
      const [first, second] = await bench().read(bench().consumerAt(topic, 'earliest'), 2)
      assert.deepEqual(
        first?.headers.map(({ key, value }) => [key, value === null ? null : [...value]]),
        headers.map(({ key, value }) => [key, value === null ? null : [...value]]),
      )
      assert.equal(second?.headers.length, 0)
    })

    test('a consumer reads from an offset', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'])
      assert.deepEqual(await bench().readValues(bench().consumerAt(topic, 1), 2), ['b', 'c'])
    })

    test('a consumer that starts at the end reads only later records', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['before'])
      const consumer = bench().consumerAt(topic, 'latest')
      await bench().eventually(async () => {
        assert.deepEqual(await bench().poll(consumer), [])
        assert.equal(consumer.position({ topic, partition: 0 }), 1)
      })
      await bench().write(topic, ['after'])
      assert.deepEqual(await bench().readValues(consumer, 1), ['after'])
    })

    test('a consumer that starts by time begins at the first record that is not earlier, or at the end', async () => {
      const topic = await bench().topic(3)
      for (const partition of [0, 1]) await bench().write(topic, ['a', 'b', 'c'], partition, [1_000, 3_000, 2_000])
      const consumer = bench().consumer()
      consumer.assign([
        { topic, partition: 0, offset: { timestampMs: 2_000 } },
        { topic, partition: 1, offset: { timestampMs: 3_001 } },
        { topic, partition: 2, offset: { timestampMs: 0 } },
      ])
      assert.deepEqual(await bench().readValues(consumer, 2), ['b', 'c'])
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      const positions = [0, 1, 2].map((partition) => consumer.position({ topic, partition }))
      assert.deepEqual(positions, [3, 3, 0])
      consumer.seek({ topic, partition: 0 }, { timestampMs: 0 })
      assert.deepEqual(await bench().readValues(consumer, 3), ['a', 'b', 'c'])
    })

    test('a consumer reads a long log once, with any fetch size', async () => {
      const topic = await bench().topic()
      const values = Array.from({ length: 500 }, (_, index) => `value-${index}-${'x'.repeat(index % 50)}`)
      await bench().write(topic, values)
      const consumer = bench().consumerAt(topic, 'earliest', { partitionFetchMaxBytes: 600, fetchMaxBytes: 600 })
      assert.deepEqual(await bench().readValues(consumer, 500), values)
    })

    test('a consumer reads a record that is larger than a fetch', async () => {
      const topic = await bench().topic()
      const large = 'x'.repeat(50_000)
      await bench().write(topic, ['small', large, 'small'])
      const consumer = bench().consumerAt(topic, 'earliest', { partitionFetchMaxBytes: 100, fetchMaxBytes: 100 })
      assert.deepEqual(await bench().readValues(consumer, 3), ['small', large, 'small'])
    })

    test('a consumer reads several partitions, each in order', async () => {
      const topic = await bench().topic(3)
      for (const partition of [0, 1, 2]) await bench().write(topic, [`${partition}a`, `${partition}b`], partition)
      const consumer = bench().consumer()
      consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
      const records = await bench().read(consumer, 6)
      for (const partition of [0, 1, 2]) {
        const values = records.filter((record) => record.partition === partition).map((record) => record.value)
        assert.deepEqual(values, [`${partition}a`, `${partition}b`])
      }
    })

    test('a batch gives the offset to continue with', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'])
      const consumer = bench().consumerAt(topic, 'earliest')
      let nextOffset = 0
      await bench().eventually(async () => {
        for (const batch of await bench().settle(consumer.poll(20))) nextOffset = batch.nextOffset
        assert.equal(nextOffset, 3)
      })
      assert.equal(consumer.position({ topic, partition: 0 }), 3)
      assert.equal(consumer.endOffset({ topic, partition: 0 }), 3)
    })

    test('the views of a batch stay the same while reading continues', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['first'])
      const consumer = bench().consumerAt(topic, 'earliest')
      let view: Uint8Array | null | undefined
      await bench().eventually(async () => {
        view ??= (await bench().settle(consumer.poll(20)))[0]?.value(0)
        assert.ok(view)
      })
      await bench().write(topic, ['other', 'other'])
      await bench().read(consumer, 2)
      assert.equal(Buffer.from(view ?? []).toString(), 'first')
    })
  })

  describe('a consumer waits', () => {
    test('a poll without records waits no longer than asked', async () => {
      const consumer = bench().consumerAt(await bench().topic(), 'earliest')
      assert.deepEqual(await bench().settle(consumer.poll(100)), [])
    })

    test('a poll waits only until a record comes', async () => {
      const topic = await bench().topic()
      const consumer = bench().consumerAt(topic, 'earliest')
      const waiting = consumer.poll(3_600_000)
      await bench().write(topic, ['news'])
      const batches = await bench().settle(waiting)
      assert.deepEqual(
        batches.map((batch) => batch.count),
        [1],
      )
    })

    test('a poll waits only until it is woken up', async () => {
      const consumer = bench().consumerAt(await bench().topic(), 'earliest')
      const waiting = consumer.poll(3_600_000)
      await bench().harness.advance(50)
      consumer.wakeup()
      assert.deepEqual(await bench().settle(waiting), [])
    })

    test('a poll waits only until its driver is closed', async () => {
      const driver = bench().harness.driver()
      const consumer = bench().consumer({}, driver)
      consumer.assign([{ topic: await bench().topic(), partition: 0, offset: 'earliest' }])
      const waiting = bench().rejectsWith(consumer.poll(3_600_000), 'DRIVER_CLOSED')
      await bench().settle(driver.close())
      await waiting
    })
  })

  describe('a consumer moves', () => {
    test('a consumer seeks back and reads records again', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'])
      const consumer = bench().consumerAt(topic, 'earliest')
      await bench().read(consumer, 3)
      consumer.seek({ topic, partition: 0 }, 1)
      assert.equal(consumer.position({ topic, partition: 0 }), 1)
      assert.deepEqual(await bench().readValues(consumer, 2), ['b', 'c'])
    })

    test('a consumer seeks to the end and skips records', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const consumer = bench().consumerAt(topic, 'earliest')
      consumer.seek({ topic, partition: 0 }, 'latest')
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      await bench().write(topic, ['c'])
      assert.deepEqual(await bench().readValues(consumer, 1), ['c'])
    })

    test('a consumer moves when a partition is assigned again', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const consumer = bench().consumerAt(topic, 'earliest')
      await bench().read(consumer, 2)
      consumer.assign([{ topic, partition: 0, offset: 0 }])
      assert.deepEqual(await bench().readValues(consumer, 2), ['a', 'b'])
      assert.deepEqual(consumer.assignment(), [{ topic, partition: 0 }])
    })

    test('a consumer reads no more from a partition that it dropped', async () => {
      const topic = await bench().topic(2)
      const consumer = bench().consumer()
      consumer.assign([0, 1].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
      consumer.unassign([{ topic, partition: 0 }])
      await bench().write(topic, ['zero'], 0)
      await bench().write(topic, ['one'], 1)
      assert.deepEqual(await bench().readValues(consumer, 1), ['one'])
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      assert.deepEqual(consumer.assignment(), [{ topic, partition: 1 }])
      const gone = { topic, partition: 0 }
      assert.deepEqual([consumer.position(gone), consumer.endOffset(gone)], [undefined, undefined])
    })
  })

  describe('a paused partition', () => {
    test('a paused partition gives no records while others are read, and loses nothing', async () => {
      const topic = await bench().topic(2)
      const consumer = bench().consumer()
      consumer.assign([0, 1].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
      consumer.pause([{ topic, partition: 0 }])
      await bench().write(topic, ['zero'], 0)
      await bench().write(topic, ['one'], 1)
      assert.deepEqual(await bench().readValues(consumer, 1), ['one'])
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      consumer.resume([{ topic, partition: 0 }])
      assert.deepEqual(await bench().readValues(consumer, 1), ['zero'])
    })

    test('a paused partition keeps its position between two polls', async () => {
      const topic = await bench().topic()
      await bench().write(
        topic,
        Array.from({ length: 40 }, (_, index) => `${index}-${'x'.repeat(100)}`),
      )
      const consumer = bench().consumerAt(topic, 'earliest', { partitionFetchMaxBytes: 500 })
      const offsets: number[] = []
      await bench().eventually(async () => {
        offsets.push(...(await bench().poll(consumer)).map((record) => record.offset))
        assert.ok(offsets.length > 0)
      })
      consumer.pause([{ topic, partition: 0 }])
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      consumer.resume([{ topic, partition: 0 }])
      const rest = await bench().read(consumer, 40 - offsets.length)
      offsets.push(...rest.map((record) => record.offset))
      assert.deepEqual(
        offsets,
        Array.from({ length: 40 }, (_, index) => index),
      )
    })
  })

  describe('a symbolic start', () => {
    test('a symbolic start becomes an offset without a poll, also while the partition is paused', async () => {
      const topic = await bench().topic(2)
      await bench().write(topic, ['before'], 0)
      await bench().write(topic, ['before', 'before'], 1)
      const partitions = [0, 1].map((partition) => ({ topic, partition }))
      const consumer = bench().consumer()
      consumer.assign(partitions.map((partition) => ({ ...partition, offset: 'latest' as const })))
      consumer.pause([{ topic, partition: 1 }])
      await bench().eventually(() =>
        assert.deepEqual(
          partitions.map((partition) => consumer.position(partition)),
          [1, 2],
        ),
      )
    })
  })

  describe('a position outside the log', () => {
    const cutLog = async (): Promise<string> => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'])
      await bench().settle(bench().admin.deleteRecords([{ topic, partition: 0, offset: 2 }]))
      return topic
    }

    test('a position outside the log goes to the start of the log under "earliest"', async () => {
      const consumer = bench().consumerAt(await cutLog(), 0, { offsetReset: () => 'earliest' })
      assert.deepEqual(await bench().readValues(consumer, 1), ['c'])
    })

    test('a position outside the log goes to the end of the log under "latest"', async () => {
      const topic = await cutLog()
      const consumer = bench().consumerAt(topic, 0, { offsetReset: () => 'latest' })
      assert.deepEqual(await bench().readForAWhile(consumer), [])
      await bench().write(topic, ['d'])
      assert.deepEqual(await bench().readValues(consumer, 1), ['d'])
    })

    test('a position after the end is outside the log too', async () => {
      const consumer = bench().consumerAt(await cutLog(), 100, { offsetReset: () => 'earliest' })
      assert.deepEqual(await bench().readValues(consumer, 1), ['c'])
    })

    test('a position outside the log ends the poll under "none"', async () => {
      const topic = await cutLog()
      const consumer = bench().consumerAt(topic, 0, { offsetReset: () => 'none' })
      const error = await rejectionOf(bench().settle(consumer.poll(30_000)))
      assert.equal((error as { code?: unknown }).code, 'OFFSET_OUT_OF_RANGE')
      assert.equal(consequenceOf(error), 'fatal')
    })

    test('a position outside the log is handled separately per partition', async () => {
      const topic = await cutLog()
      const asked: string[] = []
      const consumer = bench().consumerAt(topic, 0, {
        offsetReset: (partition) => {
          asked.push(`${partition.topic}/${partition.partition}`)
          return 'earliest'
        },
      })
      await bench().read(consumer, 1)
      assert.deepEqual([...new Set(asked)], [`${topic}/0`])
    })
  })

  describe('a commit', () => {
    const nobody = (groupId: string): GroupMetadata => ({
      groupId,
      generation: -1,
      memberId: '',
      instanceId: undefined,
    })

    test('a commit can be read from any process, with its metadata', async () => {
      const topic = await bench().topic(2)
      const groupId = bench().name('group')
      const commit = [{ topic, partition: 1, offset: 42, metadata: 'AgAAAZ…' }]
      await bench().settle(bench().consumer().commit(commit, nobody(groupId), 10_000))
      const other = bench().harness.driver()
      const both = [0, 1].map((partition) => ({ topic, partition }))
      assert.deepEqual(await bench().settle(bench().consumer({}, other).committed(groupId, both)), commit)
      await bench().settle(other.close())
    })

    test('a commit replaces the previous commit', async () => {
      const topic = await bench().topic()
      const groupId = bench().name('group')
      const consumer = bench().consumer()
      for (const offset of [7, 3]) {
        const commit = [{ topic, partition: 0, offset, metadata: '' }]
        await bench().settle(consumer.commit(commit, nobody(groupId), 10_000))
      }
      assert.deepEqual(await bench().settle(consumer.committed(groupId, [{ topic, partition: 0 }])), [
        { topic, partition: 0, offset: 3, metadata: '' },
      ])
    })

    test('a group that never committed has no offsets', async () => {
      const topic = await bench().topic()
      const committed = bench()
        .consumer()
        .committed(bench().name('group'), [{ topic, partition: 0 }])
      assert.deepEqual(await bench().settle(committed), [])
    })

    test('the commit of a member that the group does not know is fenced', async () => {
      const topic = await bench().topic()
      const stranger = { ...nobody(bench().name('group')), generation: 3, memberId: 'stranger' }
      const commit = bench()
        .consumer()
        .commit([{ topic, partition: 0, offset: 1, metadata: '' }], stranger, 10_000)
      const error = await rejectionOf(bench().settle(commit))
      assert.equal((error as { code?: unknown }).code, 'GROUP_FENCED')
      assert.equal(consequenceOf(error), 'task-migrated')
    })
  })
}

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new assert.AssertionError({ message: 'it did not reject' })
}
