import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Direction } from '../../../src/stores/direction.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { plainValueFormat } from '../../../src/stores/value-format.ts'
import { WriteBuffer } from '../../../src/stores/write-buffer.ts'
import { openStores, textSerde } from './store-harness.ts'
import type { KeyValueStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'

const bytes = (text: string) => Buffer.from(text)

/** A sequence that visits every index below `count` once, in no useful order. */
function* scattered(count: number): IterableIterator<number> {
  for (let index = 0; index < count; index++) yield (index * 7919) % count
}

function read(buffer: WriteBuffer, from: string | undefined, to: string | undefined, direction: Direction): string[] {
  const cursor = buffer.range(
    from === undefined ? undefined : bytes(from),
    to === undefined ? undefined : bytes(to),
    direction,
  )
  const keys: string[] = []
  for (let row = cursor.next(); row !== undefined; row = cursor.next()) keys.push(Buffer.from(row.key).toString())
  return keys
}

describe('a write buffer over many rows', () => {
  const count = 20_011
  const keyOf = (index: number) => `key-${String(index).padStart(6, '0')}`
  const all = Array.from({ length: count }, (_, index) => keyOf(index))

  test('is in order when it is read now and then while it grows', () => {
    const buffer = new WriteBuffer(undefined, plainValueFormat, { count: 0 })
    const seen: string[] = []
    for (const index of scattered(count)) {
      buffer.put(bytes(keyOf(index)), bytes('v'), 0)
      seen.push(keyOf(index))
      if (seen.length % 997 === 0) expect(read(buffer, undefined, undefined, 'forward')).toEqual([...seen].sort())
    }
    expect(read(buffer, undefined, undefined, 'forward')).toEqual(all)
    expect(read(buffer, undefined, undefined, 'backward')).toEqual([...all].reverse())
    expect(read(buffer, keyOf(5000), keyOf(5999), 'forward')).toEqual(all.slice(5000, 6000))
    expect(read(buffer, `${keyOf(4999)}x`, `${keyOf(5999)}x`, 'backward')).toEqual(all.slice(5000, 6000).reverse())
  })

  test('each single insertion has its place when every put is followed by a read', () => {
    const buffer = new WriteBuffer(undefined, plainValueFormat, { count: 0 })
    const few = 3001
    for (const index of scattered(few)) {
      buffer.put(bytes(keyOf(index)), bytes('v'), 0)
      expect(read(buffer, keyOf(index), keyOf(index), 'forward')).toEqual([keyOf(index)])
    }
    expect(read(buffer, undefined, undefined, 'forward')).toEqual(all.slice(0, few))
  })

  test('most rows may go and come again', () => {
    const buffer = new WriteBuffer(undefined, plainValueFormat, { count: 0 })
    for (const key of all) buffer.put(bytes(key), bytes('v'), 0)
    buffer.take()
    buffer.applied()
    read(buffer, undefined, undefined, 'forward')
    for (const [index, key] of all.entries()) if (index % 10 !== 0) buffer.put(bytes(key), null, 0)
    const kept = all.filter((_, index) => index % 10 === 0)
    expect(read(buffer, undefined, undefined, 'forward')).toEqual(kept)
    buffer.take()
    buffer.applied()
    expect(read(buffer, undefined, undefined, 'backward')).toEqual([...kept].reverse())
    for (const key of all) buffer.put(bytes(key), bytes('w'), 0)
    expect(read(buffer, undefined, undefined, 'forward')).toEqual(all)
    buffer.discard()
    expect(read(buffer, undefined, undefined, 'forward')).toEqual(kept)
  })

  test('a reader that inserts behind and before itself passes over no old row', () => {
    const buffer = new WriteBuffer(undefined, plainValueFormat, { count: 0 })
    const few = all.slice(0, 1000)
    for (const key of few) buffer.put(bytes(key), bytes('v'), 0)
    const cursor = buffer.range(undefined, undefined, 'forward')
    const seen: string[] = []
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      const key = Buffer.from(row.key).toString()
      if (!key.endsWith('+')) seen.push(key)
      if (!key.endsWith('+')) buffer.put(bytes(`${key}+`), bytes('v'), 0)
      read(buffer, key, key, 'forward')
    }
    expect(seen).toEqual(few)
  })
})

describe('a row that stays', () => {
  test.each([
    ['put and committed', (buffer: WriteBuffer) => void buffer.put(bytes('key'), bytes('value'), 0)],
    ['restored', (buffer: WriteBuffer) => buffer.restoreRow(bytes('key'), bytes('value'), 0)],
  ])('keeps none of the memory of others when it was %s', (_, fill) => {
    const buffer = new WriteBuffer(undefined, plainValueFormat, { count: 0 })
    const pool = bytes('other').buffer
    fill(buffer)
    buffer.take()
    buffer.applied()
    const row = buffer.get(bytes('key'))
    expect(row?.key.buffer === pool || row?.value?.buffer === pool).toBe(false)
  })
})

describe('stores in LMDB with more rows than are kept in memory', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-buffer-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('read the same before, while and after they are written', async () => {
    const spec: StoreSpec = {
      kind: 'key-value',
      name: 's',
      engine: 'disk',
      key: textSerde,
      value: textSerde,
      caching: false,
      changelog: undefined,
    }
    const { stores } = openStores([spec], { directory: join(folder, '0_0'), openEngine: openLmdbEngine })
    const store = stores.store('s') as KeyValueStore<string, string>
    const count = 60_000
    const expectAll = () => {
      let index = 0
      for (const entry of store.all()) {
        if (entry.key !== String(100_000 + index) || entry.value !== `v${index}`)
          throw new Error(`row ${index} is wrong`)
        index++
      }
      expect(index).toBe(count)
      for (const one of [0, 17, 30_000, count - 1]) expect(store.get(String(100_000 + one))).toBe(`v${one}`)
    }
    for (const index of scattered(count)) store.put(String(100_000 + index), `v${index}`)
    expectAll()
    const applied = stores.apply(new Map())
    expectAll()
    await applied
    expectAll()
    store.put('100001', 'changed')
    stores.discard()
    expectAll()
    await stores.wipe()
  })
})
