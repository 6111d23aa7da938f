import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/core/errors.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import type { Engine, OpenEngine } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { KeyValueStoreSpec } from '../../../src/stores/store-spec.ts'
import { batchOf } from '../runtime/batches.ts'
import { openStores } from './store-harness.ts'

const here = dirname(fileURLToPath(import.meta.url))
const serde = string() as Serde<unknown>
const spec: KeyValueStoreSpec = {
  kind: 'key-value',
  name: 'store',
  engine: 'disk',
  key: serde,
  value: serde,
  caching: false,
  changelog: { topic: undefined, configs: {} },
}

let folder: string
let directories = 0
const nextDirectory = (): string => join(folder, `task-${++directories}`)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-order-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()
const batch = (offset: number, ...values: string[]) =>
  batchOf(
    'log',
    offset,
    values.map((value, index) => ({ timestamp: 1, key: `k${offset + index}`, value })),
  )

/** What is there after a reopening. */
async function stored(directory: string): Promise<{ offset: string | undefined; keys: (string | undefined)[] }> {
  const engine = openLmdbEngine(directory, silentLogger)
  const offset = engine.meta('offset:store')
  const keys = engine
    .map('store')
    .read(undefined, undefined, 'forward', undefined, 1000)
    .map(({ key }) => text(key))
  await engine.close()
  return { offset, keys }
}

/** LMDB, whose call of the given number fails: nothing of its batch is written, or all of it. */
const failing =
  (call: number, isWritten: boolean): OpenEngine =>
  (directory, logger) => {
    const engine = openLmdbEngine(directory, logger)
    let calls = 0
    const queue: Engine['queue'] = async (...options) => {
      const isFailing = ++calls === call
      if (!isFailing || isWritten) await engine.queue?.(...options)
      if (isFailing) throw new MillraceError('STORE_DISK_FULL', 'retriable', 'the disk is full: free some space')
    }
    return Object.assign(Object.create(engine) as Engine, {
      map: (name: string) => engine.map(name),
      meta: (key: string) => engine.meta(key),
      close: () => engine.close(),
      write: engine.write.bind(engine),
      queue,
    })
  }

describe('restored batches that do not wait for each other', () => {
  test('are written in order, the last row of a key wins, and a store continues after them', async () => {
    const directory = nextDirectory()
    const { stores } = openStores([spec], { directory, openEngine: openLmdbEngine })
    const last = Array.from({ length: 20 }, (_, index) =>
      stores.restore('store', batchOf('log', index, [{ timestamp: 1, key: 'same', value: String(index) }])),
    )
    await Promise.all(last)
    expect(stores.changelogOffset('store')).toBe(20)
    await stores.restore('store', batch(20, 'x'))
    await stores.close()
    expect(await stored(directory)).toEqual({ offset: '21', keys: ['k20', 'same'] })
    const engine = openLmdbEngine(directory, silentLogger)
    expect(text(engine.map('store').get(Buffer.from('same')))).toBe('19')
    await engine.close()
  })

  test('leave one trace of their order at most, which the next process removes', async () => {
    const directory = nextDirectory()
    const markers = (engine: Engine) =>
      engine.map('@restored').read(undefined, undefined, 'forward', undefined, 9).length
    for (let process = 0; process < 3; process++) {
      const { stores } = openStores([spec], { directory, openEngine: openLmdbEngine })
      await Promise.all([0, 2, 4].map((offset) => stores.restore('store', batch(offset, 'a', 'b'))))
      await stores.close()
      const engine = openLmdbEngine(directory, silentLogger)
      expect(markers(engine)).toBe(1)
      await engine.close()
    }
  })

  test.each([1, 2, 3])(
    'batch %i of four is not written: none behind it is, and all are when they come again',
    async (call) => {
      const directory = nextDirectory()
      const { stores } = openStores([spec], { directory, openEngine: failing(call, false) })
      const restore = (offset: number) => stores.restore('store', batch(offset, 'a', 'b'))
      const ends = await Promise.allSettled([0, 2, 4, 6].map(restore))
      expect(ends.map(({ status }) => status)).toEqual(
        [0, 1, 2, 3].map((at) => (at < call - 1 ? 'fulfilled' : 'rejected')),
      )
      expect(
        ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as MillraceError).consequence] : [])),
      ).toEqual(Array.from({ length: 5 - call }, () => 'retriable'))
      const written = 2 * (call - 1)
      expect(stores.changelogOffset('store') ?? 0).toBe(written)
      await Promise.all([0, 2, 4, 6].filter((offset) => offset >= written).map(restore))
      await stores.close()
      const keys = Array.from({ length: 8 }, (_, index) => `k${index}`)
      expect(await stored(directory)).toEqual({ offset: '8', keys })
    },
  )

  test('a batch is written though its end says no: those behind it count as failed, and come again', async () => {
    const directory = nextDirectory()
    const { stores } = openStores([spec], { directory, openEngine: failing(2, true) })
    const restore = (offset: number) => stores.restore('store', batch(offset, 'a', 'b'))
    const ends = await Promise.allSettled([0, 2, 4].map(restore))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    await Promise.all([2, 4].map(restore))
    await stores.close()
    expect(await stored(directory)).toMatchObject({ offset: '6', keys: ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'] })
  })

  test('a task that is closed meanwhile waits for them', async () => {
    const directory = nextDirectory()
    const { stores } = openStores([spec], { directory, openEngine: openLmdbEngine })
    const ends = Promise.all([0, 2, 4].map((offset) => stores.restore('store', batch(offset, 'a', 'b'))))
    await stores.close()
    await ends
    expect(await stored(directory)).toMatchObject({ offset: '6' })
  })

  test('killed in the middle, the offset in the store is never ahead of its rows', async () => {
    const directory = nextDirectory()
    const hooks = ['--import', join(here, 'typescript-hooks.mjs')]
    let before = 0
    for (const delayMs of [0, 7, 20, 45]) {
      const child = spawn(process.execPath, [...hooks, join(here, 'restoring-child.ts'), directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let told = ''
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (data: Buffer) => {
          told += data.toString()
          if (told.split('\n').length > 8) resolve()
        })
        child.once('exit', () => resolve())
      })
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      const acknowledged = Number(told.trim().split('\n').at(-1))
      const engine = openLmdbEngine(directory, silentLogger)
      const offset = Number(engine.meta('offset:store'))
      expect(offset).toBeGreaterThanOrEqual(acknowledged)
      expect(offset).toBeGreaterThan(before)
      const keys = new Set(
        engine
          .map('store')
          .read(undefined, undefined, 'forward', undefined, 2_000_000)
          .map(({ key }) => text(key)),
      )
      const expected = new Set(
        Array.from({ length: offset }, (_, at) => String((at * 7919) % 1_000_003).padStart(7, '0')),
      )
      expect(keys).toEqual(expected)
      await engine.close()
      before = offset
    }
  })
})
