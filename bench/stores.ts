import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Serde } from '../src/serde/serde.ts'
import { long } from '../src/serde/primitives.ts'
import { string } from '../src/serde/primitives.ts'
import type { TimestampedKeyValueStore, TimestampedWindowStore, WindowStore } from '../src/stores/port.ts'
import type { StoreEngine, StoreSpec } from '../src/stores/store-spec.ts'
import { openTaskStores } from './open-task-stores.ts'

// Costs of one store operation with its serdes: nanoseconds of processor time (collector and engine threads included),
// best of several rounds.
// npm run bench -- stores [keys, default 100000]

const keyCount = Number(process.argv[2] ?? 100_000)
const rounds = 12
const base = {
  key: string() as Serde<unknown>,
  value: long() as Serde<unknown>,
  caching: false,
  changelog: { topic: undefined, configs: {} },
}

/** Keys as a consumer hands them over: a new text each time, not one that the engine has hashed before. */
const keyTexts = Buffer.from(Array.from({ length: keyCount }, (_, index) => `user-${10_000_000 + index}`).join(''))
const keyLength = 13
const order = Uint32Array.from({ length: keyCount }, (_, index) => (index * 48_271) % keyCount)
const freshKey = (index: number): string => {
  const at = (order[index] as number) * keyLength
  return keyTexts.toString('latin1', at, at + keyLength)
}

async function measure(name: string, operations: number, run: () => void | Promise<void>): Promise<void> {
  let bestNs = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(start)
    bestNs = Math.min(bestNs, ((user + system) * 1000) / operations)
  }
  console.log(`${name.padEnd(58)} ${bestNs.toFixed(0).padStart(8)} ns`)
}

async function keyValue(engine: StoreEngine, directory: string | undefined, cacheBytesMax = 0): Promise<void> {
  const spec: StoreSpec = { ...base, kind: 'timestamped-key-value', name: 's', engine, caching: cacheBytesMax > 0 }
  const stores = openTaskStores([spec], directory, cacheBytesMax)
  const store = stores.store('s') as TimestampedKeyValueStore<string, number>
  const label = `${directory === undefined ? 'memory' : 'lmdb'}${cacheBytesMax > 0 ? ' cached' : ''}`
  const commit = async () => {
    stores.emitPending()
    stores.logDirty()
    await stores.apply(new Map())
  }
  await measure(`${label}: making the key alone`, keyCount, () => {
    let length = 0
    for (let index = 0; index < keyCount; index++) length += freshKey(index).length
    if (length === 0) throw new Error('no keys')
  })
  for (let index = 0; index < keyCount; index++) store.put(freshKey(index), { value: 1, timestamp: 1 })
  await commit()
  await measure(`${label}: get`, keyCount, () => {
    for (let index = 0; index < keyCount; index++) store.get(freshKey(index))
  })
  await measure(`${label}: put, and commit`, keyCount, async () => {
    for (let index = 0; index < keyCount; index++) store.put(freshKey(index), { value: index, timestamp: 1 })
    await commit()
  })
  await measure(`${label}: get and put, and commit`, keyCount, async () => {
    for (let index = 0; index < keyCount; index++) {
      const key = freshKey(index)
      store.put(key, { value: (store.get(key)?.value ?? 0) + 1, timestamp: 1 })
    }
    await commit()
  })
  await measure(`${label}: get and put of 1000 hot keys, commit each 50k`, keyCount, async () => {
    for (let index = 0; index < keyCount; index++) {
      const key = freshKey(index % 1000)
      store.put(key, { value: (store.get(key)?.value ?? 0) + 1, timestamp: 1 })
      if (index % 50_000 === 49_999) await commit()
    }
  })
  await measure(`${label}: all(), an entry`, keyCount, () => {
    for (const entry of store.all()) if (entry.value.timestamp < 0) throw new Error('negative')
  })
  await stores.wipe()
}

async function windows(engine: StoreEngine): Promise<void> {
  const window = { ...base, name: 'w', engine, retentionMs: 3_600_000, windowSizeMs: 60_000, timeOrdered: false }
  const aggregate = openTaskStores([{ ...window, kind: 'timestamped-window', retainDuplicates: false }], undefined)
  const store = aggregate.store('w') as TimestampedWindowStore<string, number>
  await measure('memory: window get and put, and commit', keyCount, async () => {
    for (let index = 0; index < keyCount; index++) {
      const key = freshKey(index % 10_000)
      const startMs = Math.floor(index / 20_000) * 60_000
      store.put(key, { value: (store.get(key, startMs)?.value ?? 0) + 1, timestamp: 1 }, startMs)
    }
    aggregate.logDirty()
    await aggregate.apply(new Map())
  })
  const join = openTaskStores([{ ...window, kind: 'window', retainDuplicates: true }], undefined)
  const rows = join.store('w') as WindowStore<string, number>
  let timeMs = 0
  await measure('memory: join window put and fetch, and commit', keyCount, async () => {
    for (let index = 0; index < keyCount; index++) {
      const key = freshKey(index % 10_000)
      timeMs++
      rows.put(key, index, timeMs)
      for (const row of rows.fetch(key, timeMs - 60_000, timeMs)) if (row.startMs < 0) throw new Error('negative')
    }
    join.logDirty()
    await join.apply(new Map())
  })
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
await keyValue('memory', undefined)
await keyValue('memory', undefined, 64 * 1024 * 1024)
await keyValue('disk', join(folder, 'state'))
await windows('memory')
rmSync(folder, { recursive: true })
