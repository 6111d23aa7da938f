import assert from 'node:assert/strict'
import { errorCode } from '../../core/errors.ts'
import type { Consumer, ConsumerOptions, PositionLoss } from '../../kafka/port.ts'
import type { KafkaBench, SuiteApi } from './bench.ts'

/** The default of a driver is too long for a test that waits for it. */
const missingTopicMaxMs = 1_000

/**
 * What every `Consumer` keeps where a position is lost: the range is reported through `onPositionLost`, a deleted topic
 * is an error after a while and not before, and a topic that is created again under its name is read as the other topic
 * that it is (by its id).
 */
export function positionPromises({ describe, test, bench }: SuiteApi): void {
  /** A consumer at an offset of the topic that keeps the lost positions that it was called with. */
  const witness = (topic: string, offset: number, options: Partial<ConsumerOptions> = {}, topicId?: string) => {
    const losses: PositionLoss[] = []
    const consumer = bench().consumer({
      offsetReset: () => 'earliest',
      onPositionLost: (loss) => losses.push(loss),
      ...options,
    })
    consumer.assign([{ topic, partition: 0, offset, topicId }])
    return { consumer, losses }
  }

  describe('a lost position', () => {
    test('a position before the start of the log is reported with the lost range', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'])
      await bench().settle(bench().admin.deleteRecords([{ topic, partition: 0, offset: 2 }]))
      const { consumer, losses } = witness(topic, 1)
      assert.deepEqual(await bench().readValues(consumer, 1), ['c'])
      assert.deepEqual(losses, [{ topic, partition: 0, kind: 'deleted', from: 1, to: 2 }])
    })

    test('a position after the end of the log is reported with the range', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const { consumer, losses } = witness(topic, 100)
      assert.deepEqual(await bench().readValues(consumer, 2), ['a', 'b'])
      assert.deepEqual(losses, [{ topic, partition: 0, kind: 'beyond-end', from: 100, to: 0 }])
    })

    test('a position at the end of the log is not reported as lost', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a'])
      const { consumer, losses } = witness(topic, 1)
      await bench().write(topic, ['b'])
      assert.deepEqual(await bench().readValues(consumer, 1), ['b'])
      assert.deepEqual(losses, [])
    })
  })

  describe('a deleted topic', () => {
    test('a deleted topic ends the poll of its readers after some time', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a'])
      const consumer = bench().consumer({}, bench().harness.driver(missingTopicMaxMs))
      consumer.assign([{ topic, partition: 0, offset: 0 }])
      assert.deepEqual(await bench().readValues(consumer, 1), ['a'])
      await bench().settle(bench().admin.deleteTopics([topic]))
      await bench().rejectsWith(pollUntilRejected(consumer), 'UNKNOWN_TOPIC')
      consumer.unassign([{ topic, partition: 0 }])
      assert.deepEqual(await bench().poll(consumer), [])
    })

    test('a deleted topic does not stop the commits of other topics', async () => {
      const topics = [await bench().topic(), await bench().topic()]
      const [gone, there] = topics.map((topic) => ({ topic, partition: 0, offset: 0, metadata: '' }))
      assert.ok(gone !== undefined && there !== undefined)
      await bench().settle(bench().admin.deleteTopics([gone.topic]))
      const groupId = bench().name('group')
      const nobody = { groupId, generation: -1, memberId: '', instanceId: undefined }
      const consumer = bench().consumer()
      await bench().eventually(async () => {
        const error = await bench()
          .settle(consumer.commit([gone, there], nobody, 10_000))
          .catch((rejection: unknown) => rejection)
        assert.equal(errorCode(error), 'UNKNOWN_TOPIC_OR_PARTITION')
      })
      assert.deepEqual(await bench().settle(consumer.committed(groupId, [there])), [there])
    })
  })

  describe('a recreated topic', () => {
    test('every reader of the old topic reads the recreated topic from its start, even if it is longer', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const { consumer, losses } = witness(topic, 0)
      assert.deepEqual(await bench().readValues(consumer, 2), ['a', 'b'])
      await recreate(bench(), topic)
      await bench().write(topic, ['c', 'd', 'e'])
      assert.deepEqual(await bench().readValues(consumer, 3), ['c', 'd', 'e'])
      assert.deepEqual(losses, [{ topic, partition: 0, kind: 'recreated', from: 2, to: 0 }])
    })

    test('a recreated topic is noticed by the topic id that was kept with an offset', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const { topicId } = await describeTopic(bench(), topic)
      await recreate(bench(), topic)
      await bench().write(topic, ['c', 'd', 'e'])
      const { consumer, losses } = witness(topic, 2, {}, topicId)
      assert.deepEqual(await bench().readValues(consumer, 3), ['c', 'd', 'e'])
      assert.deepEqual(losses, [{ topic, partition: 0, kind: 'recreated', from: 2, to: 0 }])
    })

    test('a recreated topic ends the poll under "none" until the partition is assigned again', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b'])
      const { topicId } = await describeTopic(bench(), topic)
      await recreate(bench(), topic)
      await bench().write(topic, ['c', 'd', 'e'])
      const { consumer, losses } = witness(topic, 2, { offsetReset: () => 'none' }, topicId)
      await bench().rejectsWith(pollUntilRejected(consumer), 'TOPIC_RECREATED')
      consumer.seek({ topic, partition: 0 }, 1)
      await bench().rejectsWith(pollUntilRejected(consumer), 'TOPIC_RECREATED')
      consumer.assign([{ topic, partition: 0, offset: 1 }])
      assert.deepEqual(await bench().readValues(consumer, 2), ['d', 'e'])
      assert.deepEqual(losses, [])
    })

    test('a recreated topic has another id in its batches and in the consumer', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a'])
      const { topicId } = await describeTopic(bench(), topic)
      const { consumer } = witness(topic, 0, {}, topicId)
      const ids = new Set<string>()
      await bench().eventually(async () => {
        for (const batch of await bench().settle(consumer.poll(20))) ids.add(batch.topicId)
        assert.equal(ids.size, 1)
      })
      assert.deepEqual([...ids, consumer.topicId({ topic, partition: 0 })], [topicId, topicId])
      await recreate(bench(), topic)
      assert.notEqual((await describeTopic(bench(), topic)).topicId, topicId)
    })
  })
}

async function describeTopic(bench: KafkaBench, topic: string) {
  const [description] = await bench.settle(bench.admin.describeTopics([topic]))
  assert.ok(description !== undefined, `topic ${topic} is there`)
  return description
}

/** Deleting takes its time: until then the old one is in the way. */
async function recreate(bench: KafkaBench, topic: string): Promise<void> {
  await bench.settle(bench.admin.deleteTopics([topic]))
  await bench.eventually(async () => {
    const made = await bench.settle(
      bench.admin.createTopics([{ name: topic, partitions: 1, replicationFactor: -1, configs: {} }], 60_000),
    )
    assert.deepEqual(made, [topic])
  })
}

async function pollUntilRejected(consumer: Consumer): Promise<never> {
  for (;;) await consumer.poll(20)
}
