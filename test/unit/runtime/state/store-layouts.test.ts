import { afterAll, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  keyValueStore,
  sessionStore,
  timestampedKeyValueStore,
  timestampedWindowStore,
  versionedKeyValueStore,
  windowStore,
} from '../../../../src/dsl/store-definitions.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { tumblingWindows } from '../../../../src/dsl/window-definitions.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { MemoryDisk } from '../../../../src/testing/memory-engine.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import type {
  KeyValueStore,
  SessionStore,
  StateStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  VersionedKeyValueStore,
  WindowStore,
} from '../../../../src/stores/port.ts'
import type { StoreSpec } from '../../../../src/stores/store-spec.ts'
import type { Topology } from '../../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }
const named = { name: 's', ...texts }
const startMs = 100_000
const folder = mkdtempSync(join(tmpdir(), 'millrace-layouts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Kind {
  readonly spec: StoreSpec
  readonly get: (store: never, key: string) => string | null | undefined
  readonly put: (store: never, key: string, value: string) => void
}

const windowKind = (retentionMs: number): Kind => ({
  spec: windowStore({ ...named, windowSizeMs: 1000, retentionMs }),
  get: (store: WindowStore<string, string>, key) => store.get(key, startMs),
  put: (store: WindowStore<string, string>, key, value) => store.put(key, value, startMs),
})

const kinds: Readonly<Record<string, Kind>> = {
  plain: {
    spec: keyValueStore(named),
    get: (store: KeyValueStore<string, string>, key) => store.get(key),
    put: (store: KeyValueStore<string, string>, key, value) => store.put(key, value),
  },
  timestamped: {
    spec: timestampedKeyValueStore(named),
    get: (store: TimestampedKeyValueStore<string, string>, key) => store.get(key)?.value,
    put: (store: TimestampedKeyValueStore<string, string>, key, value) => store.put(key, { value, timestamp: startMs }),
  },
  versioned: {
    spec: versionedKeyValueStore({ ...named, historyMs: 10_000 }),
    get: (store: VersionedKeyValueStore<string, string>, key) => store.get(key)?.value,
    put: (store: VersionedKeyValueStore<string, string>, key, value) => void store.put(key, value, startMs),
  },
  windows: windowKind(60_000),
  'windows kept longer': windowKind(600_000),
  'timestamped windows': {
    spec: timestampedWindowStore({ ...named, windowSizeMs: 1000, retentionMs: 60_000 }),
    get: (store: TimestampedWindowStore<string, string>, key) => store.get(key, startMs)?.value,
    put: (store: TimestampedWindowStore<string, string>, key, value) =>
      store.put(key, { value, timestamp: startMs }, startMs),
  },
  sessions: sessionKind(60_000),
  'sessions kept longer': sessionKind(600_000),
}

function sessionKind(retentionMs: number): Kind {
  const window = { startMs, endMs: startMs }
  return {
    spec: sessionStore({ ...named, retentionMs }),
    get: (store: SessionStore<string, string>, key) => store.fetchSession(key, startMs, startMs),
    put: (store: SessionStore<string, string>, key, value) => store.put({ key, window }, value),
  }
}

/** Puts all values of a key behind each other. */
function joining({ spec, get, put }: Kind): Topology {
  const builder = new StreamsBuilder()
  builder.addStateStore(spec)
  const create = () => {
    let store: StateStore
    let tell: (key: string, value: string) => void
    return {
      init(context: {
        getStateStore<S extends StateStore>(name: string): S
        forward(record: { key: string; value: string; timestamp: number }): void
      }) {
        store = context.getStateStore('s')
        tell = (key, value) => context.forward({ key, value, timestamp: startMs })
      },
      process({ key, value }: { readonly key: string; readonly value: string }) {
        put(store as never, key, (get(store as never, key) ?? '') + value)
        tell(key, get(store as never, key) ?? '')
      },
    }
  }
  builder
    .stream('in', texts)
    .process<string, string>({ create }, { stores: ['s'] })
    .to('out', texts)
  return builder.build()
}

/** What the topologies tell, one after the other, over one state directory. */
async function told(topologies: readonly Topology[], inputs: readonly (readonly [string, string, number])[]) {
  const world = new SimulatedWorld()
  const disk = new MemoryDisk()
  const stateDirectory = mkdtempSync(join(folder, 'state-'))
  world.createTopics({ in: 1, out: 1 })
  for (const [index, topology] of topologies.entries()) {
    world.write('in', [inputs[index] as readonly [string, string, number]])
    const openStores = (options: Parameters<typeof createTaskStores>[0]) =>
      createTaskStores({ ...options, openEngine: disk.openEngine })
    const application = world.application(topology, { stateDirectory, processId: 'a' }, { openStores })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING' && world.uncommitted('app', 'in') === 0)
    await world.finish(application.close())
  }
  return world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())
}

test.each([
  ['plain', 'timestamped'],
  ['timestamped', 'plain'],
  ['plain', 'versioned'],
  ['versioned', 'timestamped'],
  ['windows', 'timestamped windows'],
  ['timestamped windows', 'windows'],
  ['windows', 'windows kept longer'],
  ['windows kept longer', 'windows'],
  ['sessions', 'sessions kept longer'],
])('a store of kind %s that becomes %s keeps its rows', async (before, after) => {
  const topologies = [before, after].map((name) => joining(kinds[name] as Kind))
  const inputs = [
    ['k', 'a', startMs],
    ['k', 'b', startMs],
  ] as const
  expect(await told(topologies, inputs)).toEqual(['a', 'ab'])
})

test('windows that switch to emission on close keep their earlier contents', async () => {
  const counting = (emit: 'on-window-update' | 'on-window-close') => {
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .groupByKey(texts)
      .windowedBy(tumblingWindows({ sizeMs: 1000 }))
      .emitStrategy(emit)
      .reduce((all, value) => all + value, { store: 's' })
      .toStream(({ key }) => key)
      .to('out', texts)
    return builder.build()
  }
  const inputs = [
    ['k', 'a', startMs],
    ['k', 'b', startMs + 1000],
  ] as const
  expect(await told([counting('on-window-update'), counting('on-window-close')], inputs)).toEqual(['a', 'a'])
})
