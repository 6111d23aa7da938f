import assert from 'node:assert/strict'
import type { SuiteApi } from './bench.ts'

/**
 * What every `Admin` keeps for topics, offsets and groups. Calls on what does not exist are answered, not refused:
 * described topics are left out, deletions are skipped. Only what can never be (an impossible name, fewer partitions)
 * is an error.
 */
export function adminPromises({ describe, test, bench }: SuiteApi): void {
  const newTopic = (name: string, partitions = 1) => ({ name, partitions, replicationFactor: -1, configs: {} })

  describe('admin: topics', () => {
    test('topics are created once; the answer says which topics are new', async () => {
      const [first, second] = [bench().name('topic'), bench().name('topic')]
      const create = (names: readonly string[]) =>
        bench().settle(
          bench().admin.createTopics(
            names.map((name) => newTopic(name)),
            10_000,
          ),
        )
      assert.deepEqual(await create([first]), [first])
      assert.deepEqual(await create([first, second]), [second])
      assert.deepEqual(await create([first, second]), [])
      const listed = await bench().settle(bench().admin.listTopics())
      assert.ok(listed.includes(first) && listed.includes(second))
    })

    test('topics can be used as soon as they are created', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a'])
      assert.equal(await bench().endOffset(topic), 1)
    })

    test('topics are described; missing topics are left out', async () => {
      const topic = await bench().topic(3)
      const described = await bench().settle(bench().admin.describeTopics([topic, bench().name('missing')]))
      assert.deepEqual(
        described.map(({ name, partitions }) => [name, partitions.map(({ partition }) => partition)]),
        [[topic, [0, 1, 2]]],
      )
      assert.match(described[0]?.topicId ?? '', /^[0-9a-f-]{36}$|^[\w-]{22}$/)
    })

    test('topics with an invalid name are refused', async () => {
      const created = bench().admin.createTopics([newTopic('no spaces, please')], 10_000)
      await bench().rejectsWith(created, 'INVALID_TOPIC_EXCEPTION')
    })

    test('the partition count of a topic grows and never shrinks', async () => {
      const topic = await bench().topic(2)
      await bench().settle(bench().admin.createPartitions(topic, 4))
      await bench().eventually(async () => {
        const [described] = await bench().settle(bench().admin.describeTopics([topic]))
        assert.equal(described?.partitions.length, 4)
      })
      await bench().rejectsWith(bench().admin.createPartitions(topic, 3), 'INVALID_PARTITIONS')
    })

    test('topics do not exist after they were deleted', async () => {
      const topic = await bench().topic()
      await bench().settle(bench().admin.deleteTopics([topic]))
      await bench().eventually(async () => {
        assert.deepEqual(await bench().settle(bench().admin.describeTopics([topic])), [])
      })
    })

    test('deleting a missing topic is skipped', async () => {
      const topic = await bench().topic()
      await bench().settle(bench().admin.deleteTopics([bench().name('missing'), topic]))
      await bench().eventually(async () => {
        assert.deepEqual(await bench().settle(bench().admin.describeTopics([topic])), [])
      })
    })

    test('topics have the configs that they were created with or altered to', async () => {
      const topic = await bench().topic(1, { 'cleanup.policy': 'compact', 'retention.ms': '3600000' })
      const configs = async () => (await bench().settle(bench().admin.describeTopicConfigs([topic]))).get(topic)
      assert.equal((await configs())?.['cleanup.policy'], 'compact')
      const change = { 'retention.ms': '7200000', 'cleanup.policy': null }
      await bench().settle(bench().admin.alterTopicConfigs(topic, change))
      await bench().eventually(async () => {
        const found = await configs()
        assert.equal(found?.['retention.ms'], '7200000')
        assert.notEqual(found?.['cleanup.policy'], 'compact')
      })
    })
  })

  describe('admin: offsets', () => {
    test('offsets are listed for both ends of a log, and by time', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'], 0, [1_000, 2_000, 3_000])
      const places = [
        'earliest',
        'latest',
        { timestampMs: 1_500 },
        { timestampMs: 2_000 },
        { timestampMs: 9_000 },
      ] as const
      const offsets: number[] = []
      for (const at of places) {
        const listed = bench().admin.listOffsets([{ topic, partition: 0, at }], 'read_committed')
        offsets.push(...(await bench().settle(listed)).map(({ offset }) => offset))
      }
      assert.deepEqual(offsets, [0, 3, 1, 1, 3])
    })

    test('the offsets of an empty partition are zero', async () => {
      const topic = await bench().topic(2)
      const places = (['earliest', 'latest'] as const).map((at, partition) => ({ topic, partition, at }))
      assert.deepEqual(await bench().settle(bench().admin.listOffsets(places, 'read_uncommitted')), [
        { topic, partition: 0, offset: 0 },
        { topic, partition: 1, offset: 0 },
      ])
    })

    test('offsets start after the deleted records', async () => {
      const topic = await bench().topic()
      await bench().write(topic, ['a', 'b', 'c'])
      await bench().settle(bench().admin.deleteRecords([{ topic, partition: 0, offset: 2 }]))
      const places = (['earliest', 'latest'] as const).map((at) => ({ topic, partition: 0, at }))
      for (const [index, expected] of [2, 3].entries()) {
        const listed = bench().admin.listOffsets(places.slice(index, index + 1), 'read_committed')
        assert.equal((await bench().settle(listed))[0]?.offset, expected)
      }
    })
  })

  describe('admin: groups', () => {
    const committedGroup = async (): Promise<{ topic: string; groupId: string }> => {
      const topic = await bench().topic()
      const groupId = bench().name('group')
      const nobody = { groupId, generation: -1, memberId: '', instanceId: undefined }
      await bench().settle(
        bench()
          .consumer()
          .commit([{ topic, partition: 0, offset: 5, metadata: '' }], nobody, 10_000),
      )
      return { topic, groupId }
    }

    test('groups with offsets are listed and described, with and without members', async () => {
      const { groupId } = await committedGroup()
      assert.ok((await bench().settle(bench().admin.listGroups())).includes(groupId))
      const described = await bench().settle(bench().admin.describeGroup(groupId))
      assert.deepEqual(described, { groupId, state: 'Empty', members: [] })
    })

    test('all offsets of a group are returned; a missing group has none', async () => {
      const { topic, groupId } = await committedGroup()
      const offsetsOf = (id: string) => bench().settle(bench().admin.groupOffsets(id))
      assert.deepEqual(
        (await offsetsOf(groupId)).map(({ topic: name, partition, offset }) => [name, partition, offset]),
        [[topic, 0, 5]],
      )
      assert.deepEqual(await offsetsOf(bench().name('missing')), [])
    })

    test('a deleted group has no offsets', async () => {
      const { topic, groupId } = await committedGroup()
      await bench().settle(bench().admin.deleteGroups([groupId]))
      const committed = bench()
        .consumer()
        .committed(groupId, [{ topic, partition: 0 }])
      assert.deepEqual(await bench().settle(committed), [])
    })

    test('missing groups are reported as missing, and deleting them is skipped', async () => {
      const missing = bench().name('missing')
      await bench().rejectsWith(bench().admin.describeGroup(missing), 'GROUP_ID_NOT_FOUND')
      const { groupId } = await committedGroup()
      await bench().settle(bench().admin.deleteGroups([missing, groupId]))
      await bench().rejectsWith(bench().admin.describeGroup(groupId), 'GROUP_ID_NOT_FOUND')
    })
  })
}
