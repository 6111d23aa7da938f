import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { tumblingWindows } from '../../../src/dsl/window-definitions.ts'
import { partitionOfKey } from '../../../src/kafka/partitioner.ts'
import { keyValueQuery } from '../../../src/runtime/application/store-query.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import {
  closeAll,
  countingByKey,
  countingByValue,
  everyUpdate,
  keyed,
  latest,
  oneTo,
  processed,
  started,
  startedTogether,
  tasksOf,
  texts,
  values,
} from './scene.ts'

// What another engine for Node gets wrong with several instances or partitions, by the number of the defect.

const two = ['first', 'second']

describe('defect 1, co-partitions are split between instances', () => {
  test('both sides of a join meet, whoever owns what', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ orders: 4, users: 4, out: 1 })
    const build = () => {
      const builder = new StreamsBuilder()
      const users = builder.table('users', { ...texts, store: 'users' })
      builder
        .stream('orders', texts)
        .join(users, (order, user) => `${order}/${user}`)
        .to('out', texts)
      return builder.build()
    }
    const applications = await startedTogether(world, build, two)
    world.write('users', keyed(40))
    await processed(world, 'users')
    world.write('orders', keyed(40))
    await world.until(() => values(world, 'out').length === 40)
    expect(new Set(values(world, 'out'))).toEqual(new Set(keyed(40).map(([, value]) => `${value}/${value}`)))
    await closeAll(world, applications)
  })
})

describe('defect 2, records with a new key are counted where they were read', () => {
  test('all records of a new key are counted by one instance', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 4, out: 2 })
    const applications = await startedTogether(world, countingByValue, two)
    world.write(
      'in',
      keyed(90).map(([key], index) => [key, `word${index % 3}`] as const),
    )
    await processed(world, 'in', 'app-words-repartition')
    expect(latest(world, 'out')).toEqual({ word0: '30', word1: '30', word2: '30' })
    await closeAll(world, applications)
  })
})

describe('defect 3, a changelog record lies on the partition of its bytes', () => {
  test('a windowed changelog record lies on the partition of its task', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 8 })
    const builder = new StreamsBuilder()
    const counted = builder.stream('in', texts).groupByKey()
    counted.windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 })).count({ store: 'windows' })
    const application = await started(world, builder.build())
    world.write('in', keyed(50))
    await processed(world, 'in')
    const records = world.read('app-windows-changelog')
    expect(records).toHaveLength(50)
    for (const { key, partition } of records) {
      const inner = (key as Uint8Array).subarray(0, -12)
      expect(partition).toBe(partitionOfKey(inner, 8))
    }
    await closeAll(world, [application])
  })

  test('so does one whose input was partitioned by something other than its key', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 8, out: 1 })
    const application = await started(world, countingByKey())
    const key = Buffer.from('k')
    const other = (partitionOfKey(key, 8) + 1) % 8
    world.cluster.append('in', other, key, Buffer.from('v'), 0)
    await processed(world, 'in')
    expect(world.read('app-counts-changelog').map(({ partition }) => partition)).toEqual([other])
    await closeAll(world, [application])
  })
})

describe('defect 4, a topic in the middle is not read back', () => {
  test('a store behind a repartition topic is restored from its changelog', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 2, out: 1 })
    const build = () => {
      const builder = new StreamsBuilder()
      const moved = builder.stream('in', texts).repartition({ name: 'hop', ...texts, partitions: 3 })
      moved.groupByKey().count({ store: 'counts' }).toStream().mapValues(String).to('out', texts)
      return builder.build()
    }
    const first = await started(world, build())
    world.write('in', [
      ['k', 'a'],
      ['k', 'b'],
    ])
    await processed(world, 'in', 'app-hop-repartition')
    await closeAll(world, [first])
    const second = await started(world, build())
    world.write('in', [['k', 'c']])
    await world.until(() => values(world, 'out').length === 3)
    expect(values(world, 'out')).toEqual(oneTo(3))
    await closeAll(world, [second])
  })
})

describe('defect 5, a grouped table has one changelog partition for everybody', () => {
  const build = () => {
    const builder = new StreamsBuilder()
    const teams = builder.table('teams', { ...texts, store: 'teams' })
    const members = teams.groupBy((user, team): [string, string] => [team, user], { name: 'by-team', ...texts })
    members.count({ store: 'members' }).toStream().mapValues(String).to('out', texts)
    return builder.build()
  }

  test('its changelogs have a partition for each task', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ teams: 4, out: 1 })
    const application = await started(world, build())
    const changelogs = ['app-teams-changelog', 'app-members-changelog']
    expect(changelogs.map((topic) => world.cluster.partitionCount(topic))).toEqual([4, 4])
    await closeAll(world, [application])
  })

  test('its groups are right after members moved, and after an instance was killed', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ teams: 4, out: 1 })
    const [first, second] = await startedTogether(world, build, two)
    if (first === undefined || second === undefined) throw new Error('two instances are needed')
    world.write(
      'teams',
      keyed(40).map(([user], index) => [user, index % 2 === 0 ? 'even' : 'odd'] as const),
    )
    await processed(world, 'teams', 'app-by-team-repartition')
    expect(latest(world, 'out')).toEqual({ even: '20', odd: '20' })
    await world.crash(second)
    world.write('teams', [['k0', 'odd']])
    await processed(world, 'teams', 'app-by-team-repartition')
    expect(latest(world, 'out')).toEqual({ even: '19', odd: '21' })
    await closeAll(world, [first])
  })
})

describe('defect 6, a global table is split between instances', () => {
  test('every instance finds every row', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ owners: 4, in: 4, out: 1 })
    world.write('owners', keyed(40))
    const build = () => {
      const builder = new StreamsBuilder()
      const owners = builder.globalTable('owners', { ...texts, store: 'owners' })
      builder
        .stream('in', texts)
        .join(
          owners,
          (_key, value) => value,
          (_value, owner) => owner,
        )
        .to('out', texts)
      return builder.build()
    }
    const applications = await startedTogether(world, build, two)
    // The row of each record lies on a partition that has nothing to do with the record's own.
    world.write(
      'in',
      keyed(40).map(([key], index) => [key, `k${39 - index}`] as const),
    )
    await world.until(() => values(world, 'out').length === 40)
    expect(values(world, 'out').sort()).toEqual(
      keyed(40)
        .map(([, value]) => value)
        .sort(),
    )
    await closeAll(world, applications)
  })
})

describe('defect 7, updates of one row overtake each other', () => {
  test('eight partitions that feed one key count to eight', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 8, out: 1 })
    const application = await started(world, countingByValue())
    for (let partition = 0; partition < 8; partition++) {
      world.cluster.append('in', partition, Buffer.from(`k${partition}`), Buffer.from('one'), 0)
    }
    await processed(world, 'in', 'app-words-repartition')
    expect(values(world, 'out')).toEqual(oneTo(8))
    await closeAll(world, [application])
  })

  test('two stream threads with a hundred records each count to two hundred', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 2, out: 1 })
    const application = await started(world, countingByValue(), { ...everyUpdate, threads: 2 })
    for (let index = 0; index < 200; index++) {
      world.cluster.append('in', index % 2, Buffer.from(`k${index}`), Buffer.from('one'), index)
    }
    await processed(world, 'in', 'app-words-repartition')
    expect(values(world, 'out')).toEqual(oneTo(200))
    await closeAll(world, [application])
  })
})

describe('defect 8, a restore overwrites live state', () => {
  test('counts continue while another instance joins, and never go back', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 4, out: 1 })
    const write = (count: number) =>
      world.write(
        'in',
        keyed(count).map(([key]) => [key, 'word'] as const),
      )
    const first = await started(world, countingByValue(), { ...everyUpdate, processId: 'first' })
    write(20)
    await processed(world, 'in', 'app-words-repartition')
    const joining = world.application(countingByValue(), { ...everyUpdate, processId: 'second' })
    const joined = joining.start()
    write(11)
    await world.finish(joined)
    await world.until(() => tasksOf(joining).length > 0)
    await processed(world, 'in', 'app-words-repartition')
    expect(values(world, 'out')).toEqual(oneTo(31))
    await closeAll(world, [first, joining])
  })
})

describe('defect 9, state of a task that left is kept and used again', () => {
  test('a row that was deleted elsewhere does not come back with its task', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ users: 2 })
    const build = () => {
      const builder = new StreamsBuilder()
      builder.table('users', { ...texts, store: 'users' })
      return builder.build()
    }
    const first = await started(world, build(), { ...everyUpdate, processId: 'first' })
    world.write('users', keyed(10))
    await processed(world, 'users')
    const second = await started(world, build(), { ...everyUpdate, processId: 'second' })
    await world.until(() => tasksOf(second).length === 1 && tasksOf(first).length === 1)
    const moved = Number(tasksOf(second)[0]?.split('_')[1])
    const lost = keyed(10).filter(([key]) => partitionOfKey(Buffer.from(key), 2) === moved)
    expect(lost.length).toBeGreaterThan(0)
    world.write(
      'users',
      lost.map(([key]) => [key, null] as const),
    )
    await processed(world, 'users')
    world.cluster.compact('app-users-changelog', { dropTombstones: true })
    await closeAll(world, [second])
    await world.until(() => tasksOf(first).length === 2)
    const users = first.query(keyValueQuery<string, string>('users'))
    const found = keyed(10).filter(([key]) => users.get(key) !== undefined)
    expect(found).toHaveLength(10 - lost.length)
    expect(lost.map(([key]) => users.get(key))).toEqual(lost.map(() => undefined))
    await closeAll(world, [first])
  })
})

describe('defect 10, stream time is one number for all partitions', () => {
  test('a partition that is ahead makes nothing late elsewhere', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 2, out: 1 })
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: 1000, graceMs: 0 }))
      .count({ store: 'windows' })
      .toStream()
      .map((window, count): [string, string] => [window.key, String(count)])
      .to('out', texts)
    const application = await started(world, builder.build())
    world.cluster.append('in', 0, Buffer.from('ahead'), Buffer.from('x'), 100_000)
    await processed(world, 'in')
    world.cluster.append('in', 1, Buffer.from('behind'), Buffer.from('x'), 5)
    await world.until(() => world.read('out').length === 2)
    expect(latest(world, 'out')).toEqual({ ahead: '1', behind: '1' })
    await closeAll(world, [application])
  })
})

describe('defect 27, the time of a record is lost after its first hop', () => {
  test('records keep their own time through every hop, not the time of writing', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupBy((_key, value) => value, { name: 'hop', ...texts })
      .count({ store: 'counts' })
      .toStream()
      .mapValues(String)
      .to('out', texts)
    const application = await started(world, builder.build())
    world.write('in', [['k', 'v', 77]])
    await world.until(() => world.read('out').length === 1)
    await world.until(() => world.read('app-counts-changelog').length === 1)
    expect([world.read('out')[0]?.timestamp, world.read('app-counts-changelog')[0]?.timestamp]).toEqual([77, 77])
    await closeAll(world, [application])
  })
})
