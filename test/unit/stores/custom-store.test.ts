import { expect, test } from '@jest/globals'
import type { CustomStore, LogChange } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { changelogBatch, openStores, textSerde } from './store-harness.ts'

/** Counts by word, as a user may keep them. */
class Counter implements CustomStore {
  readonly name = 'counter'
  readonly kind = 'custom'
  readonly counts = new Map<string, number>()
  #log: LogChange = () => {}

  open(log: LogChange): void {
    this.#log = log
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const word = Buffer.from(key).toString()
    if (value === null) this.counts.delete(word)
    else this.counts.set(word, Number(Buffer.from(value).toString()))
  }

  add(word: string): void {
    const count = (this.counts.get(word) ?? 0) + 1
    this.counts.set(word, count)
    this.#log(Buffer.from(word), Buffer.from(String(count)))
  }

  forget(word: string): void {
    this.counts.delete(word)
    this.#log(Buffer.from(word), null)
  }
}

const spec: StoreSpec = {
  kind: 'custom',
  name: 'counter',
  engine: 'memory',
  key: textSerde,
  value: textSerde,
  caching: false,
  changelog: { topic: undefined, configs: {} },
  create: () => new Counter(),
}

test("a store of the user's own logs its changes and gets them back in order", async () => {
  const first = openStores([spec])
  const counter = first.stores.store('counter') as Counter
  first.context.timestamp = 7
  for (const word of ['a', 'b', 'a', 'c']) counter.add(word)
  counter.forget('b')
  expect(first.logged.map(({ timestamp }) => timestamp)).toEqual([7, 7, 7, 7, 7])
  const second = openStores([spec])
  await second.stores.restore('counter', changelogBatch(first.logged))
  expect((second.stores.store('counter') as Counter).counts).toEqual(new Map(Object.entries({ a: 2, c: 1 })))
  expect(second.stores.changelogOffset('counter')).toBe(5)
  await second.stores.apply(new Map())
  await second.stores.close()
})

test('without a changelog it is not asked to log', () => {
  const { stores, logged } = openStores([{ ...spec, changelog: undefined }])
  const counter = stores.store('counter') as Counter
  counter.add('a')
  expect(logged).toEqual([])
})

test('a store that cannot be restored is one all the same', async () => {
  const plain: StoreSpec = { ...spec, create: () => ({ name: 'counter', kind: 'mine' }) }
  const { stores } = openStores([plain])
  await stores.restore('counter', changelogBatch([{ store: 'counter', key: '61', value: '31', timestamp: 1 }]))
  expect(stores.store('counter').kind).toBe('mine')
})
