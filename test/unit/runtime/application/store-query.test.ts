import { describe, expect, test } from '@jest/globals'
import {
  keyValueQuery,
  type KeyValueStore,
  keyValueStore,
  sessionQuery,
  sessionWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
  windowQuery,
} from '../../../../src/index.ts'
import type { Application } from '../../../../src/index.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import type { OpenTaskStores } from '../../../../src/stores/task-stores.ts'
import type { Topology } from '../../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }
const counts = keyValueQuery<string, number>('counts')
const windows = windowQuery<string, number>('windows')
const sessions = sessionQuery<string, number>('sessions')
const owners = keyValueQuery<string, string>('owners')

function counting(): Topology {
  const builder = new StreamsBuilder()
  builder.globalTable('owners', { ...texts, store: 'owners' })
  const grouped = builder.stream('in', texts).groupByKey()
  grouped.count({ store: 'counts' })
  grouped.windowedBy(tumblingWindows({ sizeMs: 1000 })).count({ store: 'windows' })
  grouped.windowedBy(sessionWindows({ gapMs: 100 })).count({ store: 'sessions' })
  return builder.build()
}

const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const start = 10_000

async function running(names: readonly string[]): Promise<{ world: SimulatedWorld; applications: Application[] }> {
  const world = new SimulatedWorld()
  world.createTopics({ in: 4, owners: 1 })
  world.write('owners', [['a', 'team']])
  const applications = names.map((processId) => world.application(counting(), { processId, commitIntervalMs: 60_000 }))
  await Promise.all(applications.map((application) => world.finish(application.start())))
  const tasks = () =>
    applications.map((application) => application.status().tasks.filter(({ state }) => state === 'RUNNING').length)
  await world.until(() => tasks().reduce((sum, count) => sum + count, 0) === 4 && tasks().every((count) => count > 0))
  world.write(
    'in',
    keys.map((key, index) => [key, 'x', start + index] as const),
  )
  world.write('in', [['a', 'x', start + 1500]])
  const processed = () => applications.reduce((sum, application) => sum + application.status().totals.processed, 0)
  await world.until(() => processed() === keys.length + 1)
  return { world, applications }
}

async function closeAll(world: SimulatedWorld, applications: readonly Application[]): Promise<void> {
  for (const application of applications) await world.finish(application.close())
}

function codeOf(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('queries of local state', () => {
  test('a key is read from its partition, without its timestamp, before anything is committed', async () => {
    const { world, applications } = await running(['only'])
    const [application] = applications as [Application]
    const view = application.query(counts)
    expect(keys.map((key) => view.get(key))).toEqual([2, 1, 1, 1, 1, 1, 1, 1])
    expect(view.get('unknown')).toBeUndefined()
    await closeAll(world, applications)
  })

  test('ranges come in order of their keys over all partitions, as many as are asked for', async () => {
    const { world, applications } = await running(['only'])
    const view = (applications[0] as Application).query(counts)
    expect(view.all().map(({ key }) => key)).toEqual(keys)
    expect(view.range('c', 'f').map(({ key }) => key)).toEqual(['c', 'd', 'e', 'f'])
    expect(view.range('c', undefined, { rowsMax: 2 })).toEqual([
      { key: 'c', value: 1 },
      { key: 'd', value: 1 },
    ])
    await closeAll(world, applications)
  })

  test('windows are read by key and by time', async () => {
    const { world, applications } = await running(['only'])
    const view = (applications[0] as Application).query(windows)
    expect(view.get('a', start)).toBe(1)
    expect(view.fetch('a', start, start + 1000)).toEqual([
      { startMs: start, value: 1 },
      { startMs: start + 1000, value: 1 },
    ])
    expect(view.fetchAll(start + 1000, start + 1000)).toEqual([
      { key: { key: 'a', window: { startMs: start + 1000, endMs: start + 2000 } }, value: 1 },
    ])
    expect(view.fetchAll(start, start, { rowsMax: 3 })).toHaveLength(3)
    await closeAll(world, applications)
  })

  test('sessions are read by key and by time', async () => {
    const { world, applications } = await running(['only'])
    const view = (applications[0] as Application).query(sessions)
    expect(view.fetch('a').map(({ key }) => key.window.startMs)).toEqual([start, start + 1500])
    expect(view.findSessions('a', start + 1, start + 2000).map(({ key }) => key.window.startMs)).toEqual([start + 1500])
    expect(view.all()).toHaveLength(keys.length + 1)
    await closeAll(world, applications)
  })

  test('asked with promises, all views answer the same', async () => {
    const { world, applications } = await running(['only'])
    const [one] = applications as [Application]
    const asked = [one.queryAsync(counts), one.queryAsync(windows), one.queryAsync(sessions)] as const
    const read = [one.query(counts), one.query(windows), one.query(sessions)] as const
    expect(await asked[0].get('a')).toBe(2)
    expect(await asked[0].get('unknown')).toBeUndefined()
    expect(await asked[0].range('c', undefined, { rowsMax: 2 })).toEqual(read[0].range('c', undefined, { rowsMax: 2 }))
    expect(await asked[1].get('a', start)).toBe(1)
    expect(await asked[1].fetch('a', start, start + 1000)).toEqual(read[1].fetch('a', start, start + 1000))
    expect(await asked[1].fetchAll(start, start, { rowsMax: 3 })).toHaveLength(3)
    expect(await asked[2].findSessions('a', start + 1, start + 2000)).toEqual(
      read[2].findSessions('a', start + 1, start + 2000),
    )
    expect(await asked[2].all()).toEqual(read[2].all())
    expect(await one.queryAsync(owners).get('a')).toBe('team')
    await closeAll(world, [one])
  })

  test('asked with promises, what is elsewhere rejects', async () => {
    const { world, applications } = await running(['one', 'two'])
    const views = applications.map((application) => application.queryAsync(counts))
    const answers = await Promise.all(views.map((view) => view.get('b').catch(({ code }: { code: string }) => code)))
    expect([...answers].sort()).toEqual([1, 'STORE_MIGRATED'])
    expect(() => (applications[0] as Application).queryAsync(keyValueQuery('nothing'))).toThrow('STORE_NOT_FOUND')
    await closeAll(world, applications)
  })

  test('a global table is whole in each process', async () => {
    const { world, applications } = await running(['one', 'two'])
    expect(applications.map((application) => application.query(owners).get('a'))).toEqual(['team', 'team'])
    await closeAll(world, applications)
  })

  test('two processes answer for their own keys, and say so of others', async () => {
    const { world, applications } = await running(['one', 'two'])
    const views = applications.map((application) => application.query(counts))
    for (const key of keys) {
      const answers = views.map((view) => codeOf(() => view.get(key)))
      expect([...answers].sort()).toEqual([key === 'a' ? 2 : 1, 'STORE_MIGRATED'])
    }
    const held = views.flatMap((view) => view.all().map(({ key }) => key))
    expect(held.sort()).toEqual(keys)
    await closeAll(world, applications)
  })

  test('a view continues when the other process leaves and its tasks move here', async () => {
    const { world, applications } = await running(['one', 'two'])
    const [one, two] = applications as [Application, Application]
    const view = one.query(counts)
    await world.finish(two.close())
    await world.until(() => one.status().tasks.filter(({ state }) => state === 'RUNNING').length === 4)
    expect(keys.map((key) => view.get(key))).toEqual([2, 1, 1, 1, 1, 1, 1, 1])
    await closeAll(world, [one])
  })

  test('a store that is still being restored says so', async () => {
    const { world, applications } = await running(['first'])
    await closeAll(world, applications)
    // Restoring is slow on purpose.
    world.isWatched = false
    const openStores: OpenTaskStores = (options) => {
      const stores = createTaskStores(options)
      const restore = stores.restore.bind(stores)
      stores.restore = async (name, batch) => {
        await world.clock.sleep(1000)
        await restore(name, batch)
      }
      return stores
    }
    const next = world.application(counting(), { processId: 'next' }, { openStores })
    await world.finish(next.start())
    await world.until(() => next.status().tasks.some(({ state }) => state === 'RESTORING'))
    expect(() => next.query(counts).all()).toThrow(/store counts of task \d_\d is being restored: ask again/)
    await closeAll(world, [next])
  })

  test('an application that does not run holds nothing', async () => {
    const world = new SimulatedWorld()
    const view = world.application(counting()).query(counts)
    expect(() => view.get('a')).toThrow('no task with store counts runs here: ask again, or ask the process')
    expect(codeOf(() => view.all())).toBe('STORE_MIGRATED')
  })

  test('a name and a kind that the topology does not have are refused', () => {
    const application = new SimulatedWorld().application(counting())
    expect(() => application.query(keyValueQuery('cuonts'))).toThrow(
      expect.objectContaining({
        code: 'STORE_NOT_FOUND',
        message: expect.stringContaining('no store named cuonts: its stores are'),
      }),
    )
    expect(() => application.query(keyValueQuery('windows'))).toThrow(
      expect.objectContaining({
        code: 'STORE_KIND',
        message: expect.stringContaining('store windows is of kind timestamped-window, and keyValueQuery reads'),
      }),
    )
  })
})

describe('a store that a processor has kept outside', () => {
  test('a store that was kept throws when its task has moved to another process', async () => {
    const kept = new Map<string, KeyValueStore<string, string>>()
    const topology = (processId: string) => {
      const builder = new StreamsBuilder()
      const store = keyValueStore({ name: 'last', key: string(), value: string(), engine: 'memory' })
      builder.stream('in', { key: string(), value: string() }).process<string, string>({
        stores: [store],
        create: () => {
          let last: KeyValueStore<string, string>
          return {
            init(context) {
              last = context.getStateStore<KeyValueStore<string, string>>('last')
              kept.set(`${processId} ${context.taskId}`, last)
            },
            process: ({ key, value }) => last.put(key, value),
          }
        },
      })
      return builder.build()
    }
    const world = new SimulatedWorld()
    world.createTopics({ in: 2 })
    world.write(
      'in',
      keys.map((key) => [key, key] as const),
    )
    const one = world.application(topology('one'), { processId: 'one' })
    await world.finish(one.start())
    await world.until(() => world.uncommitted('app', 'in') === 0)
    const before = new Map([...kept].map(([name, store]) => [name, [...store.all()].length]))
    expect([...before.values()].reduce((sum, count) => sum + count, 0)).toBe(keys.length)
    const two = world.application(topology('two'), { processId: 'two' })
    await world.finish(two.start())
    await world.until(() => two.status().tasks.some(({ state }) => state === 'RUNNING'))
    const moved = [...kept.keys()].filter((name) => name.startsWith('two')).map((name) => name.slice('two '.length))
    expect(moved).toHaveLength(1)
    expect(codeOf(() => [...(kept.get(`one ${moved[0]}`) as KeyValueStore<string, string>).all()])).toBe('STORE_CLOSED')
    const stayed = [...kept].filter(([name]) => name.startsWith('one') && !name.endsWith(String(moved[0])))
    expect(stayed.map(([name, store]) => [...store.all()].length === before.get(name))).toEqual([true])
    await closeAll(world, [one, two])
  })
})
