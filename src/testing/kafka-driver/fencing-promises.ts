import assert from 'node:assert/strict'
import { consequenceOf, errorCode } from '../../core/errors.ts'
import type { GroupMemberOptions } from '../../kafka/port.ts'
import type { SuiteApi } from './bench.ts'
import { GroupThread } from './group-thread.ts'
import { nobodyOf, offsetOf, TransactionBench } from './transaction-bench.ts'
import { rejectionOf } from './transaction-promises.ts'

/**
 * What every `TransactionalProducer` keeps when it is not alone: whoever initializes with its id ends its transaction
 * and fences it, and a member that the group has replaced commits nothing.
 */
export function fencingPromises({ describe, test, bench }: SuiteApi): void {
  const transactions = () => new TransactionBench(bench())

  const isFenced = async (promise: Promise<unknown>): Promise<void> => {
    const error = await rejectionOf(promise)
    assert.deepEqual([errorCode(error), consequenceOf(error)], ['PRODUCER_FENCED', 'task-migrated'])
  }

  describe('a second producer of a transactional id', () => {
    test('a second producer aborts what the first has open, and the commit of the first is fenced', async () => {
      const [topic, source] = [await bench().topic(), await bench().topic()]
      const [transactionalId, groupId] = [bench().name('id'), bench().name('group')]
      const first = await transactions().producer([topic], { transactionalId })
      await transactions().deliver(first, topic, ['of the first'])
      const second = await transactions().producer([topic], { transactionalId })
      await isFenced(transactions().commit(first, [offsetOf(source, 1)], nobodyOf(groupId)))
      transactions().send(second, topic, ['of the second'])
      await transactions().commit(second, [offsetOf(source, 2)], nobodyOf(groupId))
      assert.deepEqual(await transactions().committed(topic), ['of the second'])
      assert.equal(await transactions().committedOffset(groupId, source), 2)
    })

    test('a producer that was fenced without an open transaction learns of it at its next commit', async () => {
      const topic = await bench().topic()
      const transactionalId = bench().name('id')
      const first = await transactions().producer([topic], { transactionalId })
      await transactions().deliver(first, topic, ['of the first'])
      await transactions().commit(first)
      const second = await transactions().producer([topic], { transactionalId })
      const late = async (): Promise<void> => {
        transactions().send(first, topic, ['too late'])
        await transactions().commit(first)
      }
      await isFenced(late())
      transactions().send(second, topic, ['of the second'])
      await transactions().commit(second)
      assert.deepEqual(await transactions().committed(topic), ['of the first', 'of the second'])
    })

    test('a fenced producer can be initialized again, and fences the other in turn', async () => {
      const topic = await bench().topic()
      const transactionalId = bench().name('id')
      const first = await transactions().producer([topic], { transactionalId })
      await transactions().deliver(first, topic, ['of the first'])
      const second = await transactions().producer([topic], { transactionalId })
      await isFenced(transactions().commit(first))
      assert.equal(first.isInTransaction, false)
      await transactions().deliver(second, topic, ['of the second'])
      await transactions().initialize(first)
      await isFenced(transactions().commit(second))
      transactions().send(first, topic, ['again of the first'])
      await transactions().commit(first)
      assert.deepEqual(await transactions().committed(topic), ['again of the first'])
    })

    test('what a crashed process left open is aborted by the next one, whatever its timeout', async () => {
      const [topic, transactionalId] = [await bench().topic(), bench().name('id')]
      const crashed = bench().harness.driver()
      const first = await transactions().producer([topic], { transactionalId, transactionTimeoutMs: 600_000 }, crashed)
      await transactions().deliver(first, topic, ['of the dead'])
      await bench().settle(crashed.close())
      assert.deepEqual(await transactions().valuesNow(topic, 'read_committed'), [])
      const second = await transactions().producer([topic], { transactionalId })
      transactions().send(second, topic, ['of the living'])
      await transactions().commit(second)
      assert.deepEqual(await transactions().committed(topic), ['of the living'])
    })

    test('what a crashed process has committed stays committed', async () => {
      const [topic, transactionalId] = [await bench().topic(), bench().name('id')]
      const crashed = bench().harness.driver()
      const first = await transactions().producer([topic], { transactionalId }, crashed)
      await transactions().deliver(first, topic, ['committed'])
      await transactions().commit(first)
      await bench().settle(crashed.close())
      await transactions().producer([topic], { transactionalId })
      assert.deepEqual(await transactions().committed(topic), ['committed'])
    })

    test('initialize drops what the producer itself has sent', async () => {
      const topic = await bench().topic()
      const producer = await transactions().producer([topic], { lingerMs: 60_000, batchBytes: 64 })
      const values = Array.from({ length: 9 }, (_, index) => `dropped before its batch is full ${index}`)
      transactions().send(producer, topic, values)
      await transactions().initialize(producer)
      assert.equal(producer.isInTransaction, false)
      transactions().send(producer, topic, ['kept'])
      await transactions().commit(producer)
      assert.deepEqual(await transactions().committed(topic), ['kept'])
    })

    test('producers of other ids are not touched', async () => {
      const topic = await bench().topic()
      const first = await transactions().producer([topic])
      await transactions().deliver(first, topic, ['of the first'])
      await transactions().producer([topic])
      await transactions().commit(first)
      assert.deepEqual(await transactions().committed(topic), ['of the first'])
    })
  })

  describe('a transaction of a group member', () => {
    /** A group whose members have the task of a topic of one partition, one after the other. */
    class Group {
      readonly id = bench().name('group')
      readonly source: string
      readonly #threads: GroupThread[] = []

      constructor(source: string) {
        this.source = source
      }

      async join(options: Partial<GroupMemberOptions> = {}): Promise<GroupThread> {
        const thread = new GroupThread(bench(), this.id, bench().topology(this.source), options)
        this.#threads.push(thread)
        await bench().eventually(() => {
          thread.turn()
          assert.equal(thread.active.size, 1)
        })
        return thread
      }

      async leave(): Promise<void> {
        for (const thread of this.#threads.splice(0)) await thread.leave(bench())
      }
    }

    /** Whatever happens nobody is in the group after the sentence. */
    async function inGroup(sentence: (group: Group) => Promise<void>): Promise<void> {
      const group = new Group(await bench().topic())
      try {
        await sentence(group)
      } finally {
        await group.leave()
      }
    }

    test('a member commits offsets with its records', () =>
      inGroup(async (group) => {
        const topic = await bench().topic()
        const { member } = await group.join()
        const producer = await transactions().producer([topic])
        transactions().send(producer, topic, ['a'])
        await transactions().commit(producer, [offsetOf(group.source, 5)], member.metadata())
        assert.equal(await transactions().committedOffset(group.id, group.source), 5)
        assert.deepEqual(await transactions().committed(topic), ['a'])
      }))

    test('a member that was removed while its thread was busy commits nothing before it has heard of that', () =>
      inGroup(async (group) => {
        const topic = await bench().topic()
        const first = await group.join({ rebalanceTimeoutMs: 2_000 })
        const producer = await transactions().producer([topic])
        await transactions().deliver(producer, topic, ['of the first'])
        await group.join()
        const identity = first.member.metadata()
        const error = await rejectionOf(transactions().commit(producer, [offsetOf(group.source, 5)], identity))
        assert.deepEqual([errorCode(error), consequenceOf(error)], ['GROUP_FENCED', 'task-migrated'])
        await transactions().abort(producer)
        assert.deepEqual(await transactions().committed(topic), [])
        assert.equal(await transactions().committedOffset(group.id, group.source), undefined)
      }))

    test('a member that is not in the group any more commits nothing, and what it sent is never visible', () =>
      inGroup(async (group) => {
        const topic = await bench().topic()
        const metadata = (await group.join()).member.metadata()
        const producer = await transactions().producer([topic])
        await transactions().deliver(producer, topic, ['of the first'])
        await group.leave()
        const { member } = await group.join()
        const error = await rejectionOf(transactions().commit(producer, [offsetOf(group.source, 5)], metadata))
        assert.deepEqual([errorCode(error), consequenceOf(error)], ['GROUP_FENCED', 'task-migrated'])
        assert.equal(producer.isInTransaction, true)
        await transactions().abort(producer)
        assert.deepEqual(await transactions().committed(topic), [])
        assert.equal(await transactions().committedOffset(group.id, group.source), undefined)
        transactions().send(producer, topic, ['of the second'])
        await transactions().commit(producer, [offsetOf(group.source, 6)], member.metadata())
        assert.deepEqual(await transactions().committed(topic), ['of the second'])
        assert.equal(await transactions().committedOffset(group.id, group.source), 6)
      }))
  })
}
