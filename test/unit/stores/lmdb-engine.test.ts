import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Bytes } from '../../../src/core/bytes.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Engine, EngineWrite } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'

const bytes = (text: string): Bytes => Buffer.from(text)
const text = (value: Bytes | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString()
const puts = (...keys: string[]): EngineWrite[] => keys.map((key) => ({ key: bytes(key), value: bytes(`v${key}`) }))

function write(engine: Engine, map: string, writes: readonly EngineWrite[], meta: [string, string][] = []) {
  return engine.write({ writes: new Map([[map, writes]]), drops: [], meta: new Map(meta) })
}

describe('the LMDB engine', () => {
  let directory: string
  let engine: Engine

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'millrace-')), '0.1')
    engine = openLmdbEngine(directory, silentLogger)
  })

  afterEach(async () => {
    await engine.wipe()
    rmSync(join(directory, '..'), { recursive: true, force: true })
  })

  const keys = (from?: string, to?: string, reverse = false, after?: string, limit = 100) =>
    engine
      .map('a')
      .read(
        from === undefined ? undefined : bytes(from),
        to === undefined ? undefined : bytes(to),
        reverse,
        after === undefined ? undefined : bytes(after),
        limit,
      )
      .map((entry) => text(entry.key))

  test('a map that was never written to is empty', () => {
    expect(engine.map('a').get(bytes('x'))).toBeUndefined()
    expect(keys()).toEqual([])
  })

  test('bounds are inclusive, forward and backward, the empty key included', async () => {
    await write(engine, 'a', puts('', 'a', 'ab', 'b', 'c'))
    expect(keys()).toEqual(['', 'a', 'ab', 'b', 'c'])
    expect(keys('a', 'b')).toEqual(['a', 'ab', 'b'])
    expect(keys('a', 'b', true)).toEqual(['b', 'ab', 'a'])
    expect(keys(undefined, undefined, true)).toEqual(['c', 'b', 'ab', 'a', ''])
    expect(keys('', '', true)).toEqual([''])
    expect(text(engine.map('a').get(bytes('')))).toBe('v')
  })

  test('reading goes on behind a key in either direction', async () => {
    await write(engine, 'a', puts('a', 'b', 'c', 'd'))
    expect(keys('a', 'd', false, 'b', 1)).toEqual(['c'])
    expect(keys('a', 'd', true, 'c', 1)).toEqual(['b'])
    expect(keys('a', 'd', true, 'a', 1)).toEqual([])
  })

  test('a value stays as it was read when others are read after it', async () => {
    await write(engine, 'a', puts('a', 'b'))
    const first = engine.map('a').get(bytes('a'))
    engine.map('a').get(bytes('b'))
    expect(text(first)).toBe('va')
    expect(first?.buffer.byteLength).toBeLessThan(100)
  })

  test('what was written is there after reopening, with its meta', async () => {
    await write(engine, 'a', puts('a'), [['offset', '7']])
    await engine.close()
    engine = openLmdbEngine(directory, silentLogger)
    expect(keys()).toEqual(['a'])
    expect(engine.meta('offset')).toBe('7')
  })

  test('a dropped map is empty and can be written again', async () => {
    await write(engine, 'a', puts('a'))
    await engine.write({ writes: new Map(), drops: ['a'], meta: new Map() })
    expect(keys()).toEqual([])
    await write(engine, 'a', puts('b'))
    expect(keys()).toEqual(['b'])
  })

  test('a bound longer than any key selects the same keys', async () => {
    await write(engine, 'a', puts('a', 'b'))
    const long = 'a'.repeat(5000)
    expect(keys(long, undefined)).toEqual(['b'])
    expect(keys(undefined, long)).toEqual(['a'])
    expect(keys(undefined, long, true)).toEqual(['a'])
    expect(engine.map('a').get(bytes(long))).toBeUndefined()
  })

  test('without room on the disk a commit is refused and nothing is lost', async () => {
    await write(engine, 'a', puts('a'))
    await engine.close()
    let freeBytes = 1000
    engine = openLmdbEngine(directory, silentLogger, () => freeBytes)
    await expect(write(engine, 'a', puts('b'))).rejects.toMatchObject({
      code: 'STORE_DISK_FULL',
      consequence: 'retriable',
    })
    expect(keys()).toEqual(['a'])
    freeBytes = 1e12
    await write(engine, 'a', puts('b'))
    expect(keys()).toEqual(['a', 'b'])
  })
})
