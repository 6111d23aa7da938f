import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.ts'
import type { OpenEngine } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { WindowStore } from '../../../src/stores/port.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import { openStores, textSerde } from './store-harness.ts'

const spec: StoreSpec = {
  kind: 'window',
  name: 'w',
  engine: 'disk',
  key: textSerde,
  value: textSerde,
  caching: false,
  changelog: undefined,
  retentionMs: 120_000,
  windowSizeMs: 10,
  retainDuplicates: false,
  timeOrdered: true,
}

/** The process ends right after a batch, before the maps it dropped are gone. */
const endsBeforeDrops: OpenEngine = (directory, logger) => {
  const engine = openLmdbEngine(directory, logger)
  const write = engine.write.bind(engine)
  engine.write = (batch) => write({ ...batch, drops: [] })
  return engine
}

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-orphans-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function putAndCommit(openEngine: OpenEngine, startMs: number): Promise<void> {
  const { stores } = openStores([spec], { directory, openEngine })
  ;(stores.store('w') as WindowStore<string, string>).put('k', 'v', startMs)
  await stores.apply(new Map())
  await stores.close()
}

async function mapsOnDisk(): Promise<readonly string[]> {
  const engine = openLmdbEngine(directory, silentLogger)
  const names = [...engine.mapNames].sort()
  await engine.close()
  return names
}

test('segments whose drop a crash prevented are gone after the next commit', async () => {
  await putAndCommit(endsBeforeDrops, 0)
  await putAndCommit(endsBeforeDrops, 1_000_000)
  expect(await mapsOnDisk()).toEqual(['w/by-time@0', 'w/by-time@16', 'w@0', 'w@16'])
  await putAndCommit(openLmdbEngine, 1_000_001)
  expect(await mapsOnDisk()).toEqual(['w/by-time@16', 'w@16'])
})

test('a segment whose map was made before a crash, and nothing written to it, is used when its time comes', async () => {
  await putAndCommit(openLmdbEngine, 0)
  const engine = openLmdbEngine(directory, silentLogger)
  await engine.write({ writes: new Map([['w@1', []]]), drops: [], meta: new Map() })
  await engine.close()
  await putAndCommit(openLmdbEngine, 60_000)
  const { stores } = openStores([spec], { directory, openEngine: openLmdbEngine })
  expect([...(stores.store('w') as WindowStore<string, string>).all()]).toHaveLength(2)
  await stores.close()
})
