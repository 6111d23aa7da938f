import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Bytes } from '../../../src/core/bytes.ts'
import type { Engine, EngineMap } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { WindowStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import type { TaskStores } from '../../../src/stores/task-stores.ts'
import { changelogBatch, openStores, textSerde } from './store-harness.ts'

const minuteMs = 60_000
const spec: StoreSpec = {
  kind: 'window',
  name: 'seen',
  engine: 'disk',
  key: textSerde,
  value: textSerde,
  caching: false,
  changelog: undefined,
  retentionMs: 2 * minuteMs,
  windowSizeMs: 1,
  retainDuplicates: false,
  timeOrdered: false,
}

/** LMDB, and how often it was asked for rows. */
class AskedEngine implements Engine {
  readonly #engine: Engine
  asked = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  map(name: string): EngineMap {
    const map = this.#engine.map(name)
    const ask = () => this.asked++
    return {
      get approximateCount() {
        return map.approximateCount
      },
      get(key: Bytes) {
        ask()
        return map.get(key)
      },
      read(from, to, reverse, after, limit) {
        ask()
        return map.read(from, to, reverse, after, limit)
      },
      readOfKey(from, to, reverse, after, limit) {
        ask()
        return map.readOfKey(from, to, reverse, after, limit)
      },
    }
  }

  readonly mapNames: readonly string[] = []
  meta = (key: string) => this.#engine.meta(key)
  write = (batch: Parameters<Engine['write']>[0]) => this.#engine.write(batch)
  close = () => this.#engine.close()
  wipe = () => this.#engine.wipe()
}

interface Opened {
  readonly stores: TaskStores
  readonly store: WindowStore<string, string>
  readonly engine: AskedEngine
}

describe('a window store on disk', () => {
  let folder: string
  let count = 0
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-unseen-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function open(directory = join(folder, String(count++))): Opened & { readonly directory: string } {
    let engine: AskedEngine | undefined
    const openEngine: typeof openLmdbEngine = (...options) => {
      engine = new AskedEngine(openLmdbEngine(...options))
      return engine
    }
    const { stores } = openStores([spec], { directory, openEngine })
    return {
      stores,
      store: stores.store('seen') as WindowStore<string, string>,
      engine: engine as AskedEngine,
      directory,
    }
  }

  const starts = ({ store }: Opened, key: string, toMs = 10 * minuteMs) =>
    [...store.fetch(key, 0, toMs)].map(({ startMs }) => startMs)

  test('does not ask the disk for keys that it never wrote', async () => {
    const opened = open()
    opened.store.put('a', 'v', 5)
    await opened.stores.apply(new Map())
    expect(starts(opened, 'b')).toEqual([])
    expect(opened.store.get('b', 5)).toBeUndefined()
    expect(opened.engine.asked).toBe(0)
    await opened.stores.wipe()
  })

  test('finds on the disk what it wrote, in every segment', async () => {
    const opened = open()
    opened.store.put('a', 'v', 5)
    opened.store.put('a', 'v', minuteMs + 5)
    await opened.stores.apply(new Map())
    opened.store.put('a', 'v', 2 * minuteMs - 5)
    expect(starts(opened, 'a')).toEqual([5, minuteMs + 5, 2 * minuteMs - 5])
    expect(opened.store.get('a', minuteMs + 5)).toBe('v')
    await opened.stores.wipe()
  })

  test('finds what it wrote before it was closed', async () => {
    const first = open()
    first.store.put('a', 'v', 5)
    await first.stores.apply(new Map())
    await first.stores.close()
    const second = open(first.directory)
    second.store.put('b', 'v', 6)
    expect(starts(second, 'a')).toEqual([5])
    expect(second.store.get('a', 5)).toBe('v')
    await second.stores.wipe()
  })

  test('finds what was restored into it', async () => {
    const source = openStores([{ ...spec, changelog: { topic: undefined, configs: {} } }])
    ;(source.stores.store('seen') as WindowStore<string, string>).put('a', 'v', 5)
    source.stores.logDirty()
    const opened = open()
    opened.store.put('b', 'v', 6)
    await opened.stores.apply(new Map())
    await opened.stores.restore('seen', changelogBatch(source.logged))
    expect(starts(opened, 'a')).toEqual([5])
    await opened.stores.wipe()
  })

  test('has no row of an interval that was discarded, and may be given it again', async () => {
    const opened = open()
    opened.store.put('a', 'v', 5)
    opened.stores.discard()
    expect(starts(opened, 'a')).toEqual([])
    opened.store.put('a', 'w', 5)
    await opened.stores.apply(new Map())
    expect(starts(opened, 'a')).toEqual([5])
    expect(opened.store.get('a', 5)).toBe('w')
    await opened.stores.wipe()
  })
})
