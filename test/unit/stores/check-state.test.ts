import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.ts'
import { checkDataFile } from '../../../src/stores/lmdb/data-file.ts'
import { checkState, openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'

let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-check-'))
  const engine = openLmdbEngine(directory, silentLogger)
  const writes = Array.from({ length: 20_000 }, (_, index) => ({
    key: Buffer.from(String(index).padStart(6, '0')),
    value: Buffer.alloc(1000, 'v'),
  }))
  await engine.write({ writes: new Map([['a', writes]]), drops: [], meta: new Map() })
  await engine.close()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('a file that is as its last close left it is not read, and one that was written to since is', async () => {
  const data = join(directory, 'data.mdb')
  const file = readFileSync(data)
  // Pages are filled from their end.
  const inside = 101 * 4096 - 10
  const whole = file.subarray(inside, inside + 1)
  const spoil = (bytes: Buffer): void => {
    const file = openSync(data, 'r+')
    writeSync(file, bytes, 0, bytes.length, inside)
    closeSync(file)
  }
  let turns = 0
  setImmediate(() => turns++)
  expect(await checkState(directory)).toEqual({ ok: true })
  expect(turns).toBe(0)
  spoil(Buffer.from([(whole[0] as number) ^ 1]))
  expect(await checkState(directory)).toMatchObject({ ok: false })
  spoil(Buffer.from(whole))
  expect(await checkState(directory)).toEqual({ ok: true })
})

test('a large file is checked in parts, and the event loop runs between the parts', async () => {
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  expect(await checkState(directory)).toEqual({ ok: true })
  isOver = true
  // Twenty thousand values of a kilobyte lie on five thousand pages and more.
  expect(turns).toBeGreaterThanOrEqual(4)
})

test('in turns or at once, the same damage is found, and the state is deleted', async () => {
  const data = join(directory, 'data.mdb')
  const file = openSync(data, 'r+')
  for (let page = 2; page < 2000; page++) writeSync(file, Buffer.alloc(4096), 0, 4096, page * 4096)
  closeSync(file)
  const check = await checkState(directory)
  expect(check).toEqual(checkDataFile(data))
  expect(check?.ok).toBe(false)
  const engine = openLmdbEngine(directory, silentLogger, undefined, check)
  expect(engine.mapNames).toEqual([])
  await engine.close()
})

test('where there is no state there is nothing to look at', async () => {
  expect(await checkState(join(directory, 'nothing'))).toBeUndefined()
})
