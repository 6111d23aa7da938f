import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Bytes } from '../../../src/core/bytes.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { compareKeys } from '../../../src/stores/byte-keys.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import type { Engine, EngineWrite } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { KeyValueStore, SessionStore, SubscriptionStore, WindowStore } from '../../../src/stores/port.ts'
import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { type StoreCase, type StoreFactory, StoreRun, storeCases, suiteText } from '../../../src/testing/store-suite.ts'
import { changelogBatch, type LoggedRecord, openStores, textSerde } from './store-harness.ts'

/** Bytes behind the first character, as many as its kind of key gets: all lengths around LMDB's bound, in order. */
const padding: Readonly<Record<string, number>> = { a: 1990, b: 1973, z: 3000, é: 1940 }

function padded(text: string): Buffer {
  const first = firstOf(text)
  const padBytes = padding[first] ?? 0
  return Buffer.concat([Buffer.from(first), Buffer.alloc(padBytes, 'm'), Buffer.from(text.slice(first.length))])
}

function firstOf(text: string): string {
  return String.fromCodePoint(...[text.codePointAt(0) ?? []].flat())
}

const paddedSerde: Serde<unknown> = {
  name: 'padded',
  serialize: (value) => padded(String(value)),
  deserialize: (bytes) => {
    const first = firstOf(String(suiteText.deserialize(bytes, '', [])))
    const rest = Buffer.from(bytes).subarray(Buffer.byteLength(first) + (padding[first] ?? 0))
    return first + rest.toString()
  },
}

describe('keys that are longer than LMDB holds', () => {
  let folder: string
  let opened = 0
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-long-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const nextDirectory = () => join(folder, String(++opened))

  function factory(cacheBytesMax: number): StoreFactory {
    let directory = ''
    return {
      engine: 'disk',
      durable: true,
      open(spec, changelog, recordContext, keep) {
        if (!keep) directory = nextDirectory()
        const stores = createTaskStores({
          taskId: '0_0',
          specs: [spec],
          directory,
          openEngine: openLmdbEngine,
          changelog,
          changelogMode: 'coalesced',
          recordContext,
          clock: systemClock,
          logger: silentLogger,
          cacheBudget: new CacheBudget(cacheBytesMax),
          onDropped: () => {},
        })
        const store = stores.store('store') as KeyValueStore<unknown, unknown>
        const prefixScan = store.prefixScan?.bind(store)
        if (prefixScan !== undefined) {
          store.prefixScan = (prefix) => prefixScan(padded(Buffer.from(prefix).toString()))
        }
        return stores
      },
    }
  }

  const commands = fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 100, size: 'max' })
  for (const storeCase of storeCases('disk')) {
    test(`behave as short ones do in a store of kind ${storeCase.name}`, async () => {
      const long: StoreCase = { ...storeCase, spec: { ...storeCase.spec, key: paddedSerde } }
      const property = fc.asyncProperty(commands, (numbers) => new StoreRun(factory(0), long).run(numbers))
      await fc.assert(property, { numRuns: 8 })
    })
  }

  test('long keys are read in order among short ones, in both directions, from any key, in pages of any size', async () => {
    const engine = openLmdbEngine(nextDirectory(), silentLogger)
    const head = 'h'.repeat(1900)
    const texts = ['', 'a', 'h', head, `${head}z`, 'hz', 'i', 'z'.repeat(1976), 'z'.repeat(1977), 'z'.repeat(5000)]
    for (let index = 0; index < 40; index++) {
      texts.push(`${head}${String(index * 7919).padStart(80 + (index % 3) * 40, '0')}`, `${'i'.repeat(1990)}${index}`)
    }
    const keys = texts.map((text) => Buffer.from(text)).sort(compareKeys)
    await write(
      engine,
      keys.map((key) => ({ key, value: Buffer.from(`v${key.length}`) })),
    )
    const map = engine.map('a')
    for (const from of [undefined, ...keys, Buffer.from(`${head}0`), Buffer.from('h'.repeat(1950))]) {
      for (const to of [undefined, keys[7], keys[30], Buffer.from(`${head}00001`), Buffer.from('i'.repeat(1999))]) {
        for (const direction of ['forward', 'backward'] as const) {
          const expected = keys.filter(
            (key) =>
              (from === undefined || compareKeys(key, from) >= 0) && (to === undefined || compareKeys(key, to) <= 0),
          )
          if (direction === 'backward') expected.reverse()
          const read: Bytes[] = []
          for (
            let after: Bytes | undefined, page: readonly { key: Bytes; value: Bytes }[];
            ;
            after = page.at(-1)?.key
          ) {
            page = map.read(from, to, direction, after, 3)
            for (const { key, value } of page) {
              expect(Buffer.from(value).toString()).toBe(`v${key.length}`)
              read.push(key)
            }
            if (page.length < 3) break
          }
          expect(read.map(lengthAndEnd)).toEqual(expected.map(lengthAndEnd))
        }
      }
    }
    for (const key of keys) expect(Buffer.from(map.get(key) ?? []).toString()).toBe(`v${key.length}`)
    expect(map.approximateCount).toBe(keys.length)
    await write(
      engine,
      keys.map((key) => ({ key, value: null })),
    )
    expect(map.read(undefined, undefined, 'forward', undefined, 10)).toEqual([])
    await engine.wipe()
  })

  test('that differ in their last bytes only are read without the others that begin alike', async () => {
    const engine = openLmdbEngine(nextDirectory(), silentLogger)
    const base = 'k'.repeat(2500)
    const time = (index: number) => String(index).padStart(16, '0')
    const keys = Array.from({ length: 50 }, (_, index) => Buffer.from(base + time(index)))
    const others = Array.from({ length: 50 }, (_, index) => Buffer.from(`${base}x${time(index)}`))
    await write(
      engine,
      [...keys, ...others].map((key) => ({ key, value: key.subarray(-4) })),
    )
    const map = engine.map('a')
    const [from, to] = [keys[10] as Buffer, keys[20] as Buffer]
    const lastOf = (entries: readonly { key: Bytes }[]) =>
      entries.map(({ key }) => Number(Buffer.from(key.subarray(-4))))
    expect(lastOf(map.readOfKey(from, to, 'forward', undefined, 100))).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ])
    expect(lastOf(map.readOfKey(from, to, 'backward', undefined, 100))).toEqual([
      20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
    ])
    expect(lastOf(map.readOfKey(from, to, 'forward', keys[15], 3))).toEqual([16, 17, 18])
    expect(lastOf(map.readOfKey(from, to, 'backward', keys[15], 3))).toEqual([14, 13, 12])
    expect(lastOf(map.readOfKey(from, to, 'backward', keys[12], 9))).toEqual([11, 10])
    await engine.wipe()
  })

  const base = {
    engine: 'disk',
    key: textSerde,
    value: textSerde,
    changelog: { topic: undefined, configs: {} },
  } as const
  const retention = { retentionMs: 100_000, timeOrdered: false }

  test('go through the record cache of every store that has one, and through a commit', async () => {
    const specs: StoreSpec[] = [
      { ...base, kind: 'key-value', name: 'kv', caching: true },
      { ...base, ...retention, kind: 'window', name: 'w', caching: true, windowSizeMs: 10, retainDuplicates: false },
      { ...base, ...retention, kind: 'session', name: 's', caching: true },
    ]
    const directory = nextDirectory()
    const overrides = {
      directory,
      openEngine: openLmdbEngine,
      cacheBudget: new CacheBudget(1_000_000),
      changelogMode: 'coalesced',
    } as const
    const before = openStores(specs, overrides)
    const long = 'k'.repeat(3000)
    fill(before.stores)
    expectFilled(before.stores)
    before.stores.emitPending()
    before.stores.logDirty()
    await before.stores.apply(new Map())
    expectFilled(before.stores)
    expect(before.logged.map(({ key }) => key.length / 2)).toEqual([3000, 3012, 3012, 3016])
    await before.stores.close()
    const after = openStores(specs, overrides)
    expectFilled(after.stores)
    await after.stores.wipe()

    function fill(stores: typeof before.stores): void {
      ;(stores.store('kv') as KeyValueStore<string, string>).put(long, 'v')
      ;(stores.store('w') as WindowStore<string, string>).put(long, 'v', 10)
      ;(stores.store('w') as WindowStore<string, string>).put(long, 'v', 20)
      ;(stores.store('s') as SessionStore<string, string>).put({ key: long, window: { startMs: 5, endMs: 9 } }, 'v')
    }

    function expectFilled(stores: typeof before.stores): void {
      expect((stores.store('kv') as KeyValueStore<string, string>).get(long)).toBe('v')
      expect(
        [...(stores.store('w') as WindowStore<string, string>).fetch(long, 0, 100)].map((row) => row.startMs),
      ).toEqual([10, 20])
      expect([...(stores.store('s') as SessionStore<string, string>).fetch(long)]).toHaveLength(1)
    }
  })

  test('are restored from a changelog that another engine wrote', async () => {
    const spec: StoreSpec = { ...base, kind: 'key-value', name: 'store', caching: false }
    const hex = (text: string) => Buffer.from(text).toString('hex')
    const records: LoggedRecord[] = [1, 1976, 1977, 1978, 5000, 400_000].map((length) => ({
      store: 'store',
      key: hex('k'.repeat(length)),
      value: hex(String(length)),
      timestamp: 1,
    }))
    const directory = nextDirectory()
    const { stores } = openStores([spec], { directory, openEngine: openLmdbEngine })
    await stores.restore('store', changelogBatch(records))
    await stores.restore('store', changelogBatch([{ ...(records[4] as LoggedRecord), value: null }]))
    await stores.close()
    const again = openStores([spec], { directory, openEngine: openLmdbEngine })
    const store = again.stores.store('store') as KeyValueStore<string, string>
    expect([...store.all()].map(({ value }) => value)).toEqual(['1', '1976', '1977', '1978', '400000'])
    await again.stores.wipe()
  })

  test('are found by a foreign-key join whose two keys are long only together', async () => {
    const spec: StoreSpec = {
      ...base,
      kind: 'foreign-key-subscriptions',
      name: 'store',
      caching: false,
      primaryKey: textSerde,
    }
    const { stores } = openStores([spec], { directory: nextDirectory(), openEngine: openLmdbEngine })
    const store = stores.store('store') as SubscriptionStore<string, string, string>
    const foreign = 'f'.repeat(1500)
    const primaries = ['p', 'p'.repeat(600), `${'p'.repeat(600)}q`, 'q'.repeat(400)]
    for (const primary of primaries) store.put(foreign, primary, { value: primary, timestamp: 1 })
    await stores.apply(new Map())
    expect([...store.subscribers(foreign)].map(({ key }) => key)).toEqual(primaries)
    for (const { key } of store.subscribers(foreign)) store.delete(foreign, key)
    await stores.apply(new Map())
    expect([...store.subscribers(foreign)]).toEqual([])
    await stores.wipe()
  })
})

function write(engine: Engine, writes: readonly EngineWrite[]): Promise<void> {
  return engine.write({ writes: new Map([['a', writes]]), drops: [], meta: new Map() })
}

function lengthAndEnd(key: Bytes): string {
  return `${key.length} ${Buffer.from(key.subarray(-4)).toString()}`
}
