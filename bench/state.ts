import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { Command } from 'commander'
import { bytes, string } from '../src/index.ts'
import type { TimestampedKeyValueStore } from '../src/stores/port.ts'
import type { StoreSpec } from '../src/stores/store-spec.ts'
import type { TaskStores } from '../src/stores/task-stores.ts'
import { diskMb } from './disk-usage.ts'
import { type Goal, goalLine } from './goal.ts'
import { median } from './median.ts'
import { openTaskStores } from './open-task-stores.ts'
import { type SavedFigure, saveRun } from './saved-run.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- state')
  .description('One LMDB store with many keys: reads, hot reads, pause of a commit, restart, size of the file.')
  .option('--keys <count>', 'of 24 bytes, with values of 100 bytes', wholeNumber(50_000), 1_000_000)
  .option('--rounds <count>', 'of reads and commits', wholeNumber(1), 5)
  .option('--save', 'write bench/results')
  .parse()
  .opts<{ keys: number; rounds: number; save?: true }>()

const { keys, rounds } = options
const committedKeys = 50_000
const readKeys = 200_000
const hotKeys = 1000
const hotCacheBytes = 64 * 1024 * 1024
const keyLength = 24
const valueBytes = 100
const timestampBytes = 8
/** As the commit of a thread does it. */
const rowsPerLook = 1024

const spec: StoreSpec = {
  kind: 'timestamped-key-value',
  name: 's',
  engine: 'disk',
  key: string(),
  value: bytes(),
  caching: false,
  changelog: { topic: undefined, configs: {} },
}
const value = Buffer.from('v'.repeat(valueBytes))
let drawn = 42

function draw(below: number): number {
  drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((drawn / 2 ** 32) * below)
}

/** Scattered over the store, whatever their order. */
const keyOf = (index: number): string =>
  `${(Math.imul(index, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-key-${String(index).padStart(keyLength - 13, '0')}`

/** Keys as a consumer hands them over: each a text that the engine has not hashed before. */
function freshKeys(indexes: readonly number[]): () => string {
  const texts = Buffer.from(indexes.map(keyOf).join(''))
  let at = -keyLength
  return () => {
    at = (at + keyLength) % texts.length
    return texts.toString('latin1', at, at + keyLength)
  }
}

function nsOf(count: number, run: () => void): number {
  const before = process.cpuUsage()
  for (let index = 0; index < count; index++) run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / count
}

const storeOf = (stores: TaskStores) => stores.store('s') as TimestampedKeyValueStore<string, Uint8Array>

/** The longest time for which the event loop was held, and how long the commit took, in milliseconds. */
async function committed(stores: TaskStores): Promise<{ readonly heldMs: number; readonly tookMs: number }> {
  const resolutionMs = 1
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  await turn()
  const startedMs = performance.now()
  stores.emitPending()
  while (!stores.logDirty(rowsPerLook)) await turn()
  await stores.apply(new Map([['s', 1]]))
  const tookMs = performance.now() - startedMs
  await turn()
  delay.disable()
  return { heldMs: Math.max(0, delay.max / 1e6 - resolutionMs), tookMs }
}

async function fill(stores: TaskStores): Promise<void> {
  const store = storeOf(stores)
  for (let index = 0; index < keys; index++) {
    store.put(keyOf(index), { value, timestamp: 1 })
    if (stores.dirtyEntries >= committedKeys) await committed(stores)
  }
  await committed(stores)
}

/** The same reads of a Map with so many keys: how fast the machine is. */
function mapGetNs(): number {
  const count = Math.min(keys, 1_000_000)
  const map = new Map<string, Buffer>()
  for (let index = 0; index < count; index++) map.set(keyOf(index), value)
  const next = freshKeys(Array.from({ length: readKeys }, () => draw(count)))
  return median(Array.from({ length: 3 }, () => nsOf(readKeys, () => void map.get(next()))))
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-state-'))
const directory = join(folder, 'state')
const figures: (Goal & { readonly name: string; readonly values: number[] })[] = [
  { name: 'get', about: 'get', most: 2500, unit: ' ns', values: [] },
  { name: 'hot get', about: 'hot get', most: 300, unit: ' ns', values: [] },
  { name: 'pause', about: `pause of a commit of ${committedKeys} keys`, most: 40, unit: ' ms', values: [] },
  { name: 'restart', about: 'restart', most: 1000, unit: ' ms', values: [] },
  { name: 'size', about: 'size of the file, of its content', most: 2.5, values: [] },
]
const note = (name: string, figure: number): void => {
  figures.find((one) => one.name === name)?.values.push(figure)
}

async function measure(): Promise<void> {
  let stores = openTaskStores([spec], directory)
  const filledMs = performance.now()
  await fill(stores)
  console.log(`filled in ${((performance.now() - filledMs) / 1000).toFixed(1)} s`)
  const contentMb = (keys * (keyLength + valueBytes + timestampBytes)) / 2 ** 20
  for (let round = 0; round < rounds; round++) {
    const next = freshKeys(Array.from({ length: readKeys }, () => draw(keys)))
    note(
      'get',
      nsOf(readKeys, () => void storeOf(stores).get(next())),
    )
    const store = storeOf(stores)
    for (let index = 0; index < committedKeys; index++) store.put(keyOf(draw(keys)), { value, timestamp: 2 })
    const { heldMs, tookMs } = await committed(stores)
    note('pause', heldMs)
    console.log(`commit ${round + 1}: held for ${heldMs.toFixed(0)} ms at most, took ${tookMs.toFixed(0)} ms`)
    await stores.close()
    note('size', diskMb(directory) / contentMb)
    const openedMs = performance.now()
    stores = openTaskStores([spec], directory)
    if (storeOf(stores).get(keyOf(0)) === undefined) throw new Error('the store lost a key')
    note('restart', performance.now() - openedMs)
  }
  await stores.close()
  const cached = openTaskStores([{ ...spec, caching: true }], directory, hotCacheBytes)
  const store = storeOf(cached)
  for (let round = 0; round < rounds; round++) {
    const next = freshKeys(Array.from({ length: readKeys }, () => draw(hotKeys)))
    note(
      'hot get',
      nsOf(readKeys, () => void store.get(next())),
    )
  }
  await cached.close()
}

try {
  console.log(`${keys} keys; load ${loadavg()[0]?.toFixed(1)}`)
  await measure()
  const raw = mapGetNs()
  console.log(`get of a Map, with the making of the key: ${raw.toFixed(0)} ns`)
  for (const { values, ...goal } of figures) console.log(goalLine(goal, median(values)))
  if (options.save) {
    const saved = figures.map(({ name, values, unit }): SavedFigure => {
      const isGet = unit === ' ns'
      return { name, isBetter: 'lower', values, ...(isGet && { raw: values.map(() => raw) }) }
    })
    console.log(`\nwritten to ${saveRun({ bench: 'state', options, figures: saved })}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
