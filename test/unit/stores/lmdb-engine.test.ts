import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Bytes } from '../../../src/core/bytes.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Direction } from '../../../src/stores/direction.ts'
import type { Engine, EngineWrite } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import { commitFailure, stateError } from '../../../src/stores/lmdb/lmdb-errors.ts'

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

  const keys = (from?: string, to?: string, direction: Direction = 'forward', after?: string, limit = 100) =>
    engine
      .map('a')
      .read(
        from === undefined ? undefined : bytes(from),
        to === undefined ? undefined : bytes(to),
        direction,
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
    expect(keys('a', 'b', 'backward')).toEqual(['b', 'ab', 'a'])
    expect(keys(undefined, undefined, 'backward')).toEqual(['c', 'b', 'ab', 'a', ''])
    expect(keys('', '', 'backward')).toEqual([''])
    expect(text(engine.map('a').get(bytes('')))).toBe('v')
  })

  test('reading continues after a key in both directions', async () => {
    await write(engine, 'a', puts('a', 'b', 'c', 'd'))
    expect(keys('a', 'd', 'forward', 'b', 1)).toEqual(['c'])
    expect(keys('a', 'd', 'backward', 'c', 1)).toEqual(['b'])
    expect(keys('a', 'd', 'backward', 'a', 1)).toEqual([])
  })

  test('a value stays as it was read when others are read after it', async () => {
    await write(engine, 'a', puts('a', 'b'))
    const first = engine.map('a').get(bytes('a'))
    engine.map('a').get(bytes('b'))
    expect(text(first)).toBe('va')
    expect(first?.buffer.byteLength).toBeLessThan(10_000)
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
    expect(keys(undefined, long, 'backward')).toEqual(['a'])
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

  test('room that a write in flight may take is not promised to another task', async () => {
    const other = openLmdbEngine(join(directory, '..', '0.2'), silentLogger, () => 17 * 1024 * 1024)
    await engine.close()
    engine = openLmdbEngine(directory, silentLogger, () => 17 * 1024 * 1024)
    const large = [{ key: bytes('k'), value: Buffer.alloc(300_000) }]
    const first = write(engine, 'a', large)
    await expect(write(other, 'a', large)).rejects.toMatchObject({ code: 'STORE_DISK_FULL' })
    await first
    await write(other, 'a', large)
    await other.wipe()
  })

  test('a store that is read after its task ended says so, and not that it is damaged', async () => {
    await write(engine, 'a', puts('a'))
    const map = engine.map('a')
    await engine.close()
    const closed = expect.objectContaining({
      code: 'STORE_CLOSED',
      message: expect.stringContaining('ask for the store again'),
    })
    expect(() => map.get(bytes('a'))).toThrow(closed)
    expect(() => map.read(undefined, undefined, 'forward', undefined, 1)).toThrow(closed)
    expect(() => map.approximateCount).toThrow(closed)
    await expect(write(engine, 'a', puts('b'))).rejects.toEqual(closed)
  })

  test('an environment with long keys is not opened by versions that would not see them', async () => {
    const formatOf = () =>
      (JSON.parse(readFileSync(join(directory, 'millrace.json'), 'utf8')) as { format: number }).format
    await write(engine, 'a', puts('a', 'k'.repeat(1976)))
    expect(formatOf()).toBe(3)
    await write(engine, 'a', puts('k'.repeat(1977)))
    expect(formatOf()).toBe(4)
    await engine.close()
    engine = openLmdbEngine(directory, silentLogger)
    expect(keys()).toHaveLength(3)
    expect(formatOf()).toBe(4)
  })
})

describe('an error of LMDB or of the file system', () => {
  const consequenceOf = (code: unknown) => {
    const { code: told, consequence, message } = stateError('/state/0_1', Object.assign(new Error('reason'), { code }))
    expect(message).toContain('/state/0_1')
    expect(message).toContain('reason')
    return `${told} ${consequence}`
  }

  test.each([constants.errno.ENOSPC, 'ENOSPC', constants.errno.EDQUOT])(
    '%s: the disk is full, and may be freed',
    (code) => {
      expect(consequenceOf(code)).toBe('STORE_DISK_FULL retriable')
    },
  )

  test.each([
    constants.errno.EIO,
    constants.errno.ENOMEM,
    constants.errno.EMFILE,
    constants.errno.EAGAIN,
    'EIO',
    'EMFILE',
    -30792,
    -30790,
    -30788,
  ])('%s passes, and does not cost the state', (code) => {
    expect(consequenceOf(code)).toBe('STORE_UNAVAILABLE retriable')
  })

  test.each(['ENOENT', constants.errno.ENOENT])('%s: the directory was deleted, and its state is restored', (code) => {
    expect(consequenceOf(code)).toBe('STORE_DAMAGED task-corrupted')
  })

  test.each(['EACCES', 'EROFS', constants.errno.EACCES])('%s is for a person', (code) => {
    expect(consequenceOf(code)).toBe('STORE_REFUSED fatal')
  })

  test.each([-30796, -30797, -30795, -30793, undefined])('%s: the state is damaged', (code) => {
    expect(consequenceOf(code)).toBe('STORE_DAMAGED task-corrupted')
  })

  test('a commit that failed says why, or is tried again', async () => {
    const failed = (told: unknown) => Object.assign(new Error('Commit failed'), { commitError: told })
    const corrupted = Object.assign(new Error('corrupted'), { code: -30796 })
    expect(await commitFailure(failed(Promise.reject(corrupted)))).toBe(corrupted)
    expect(stateError('/state', await commitFailure(failed(new Promise(() => {})))).consequence).toBe('retriable')
  })

  test('opening where nothing may be written names the directory', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
    writeFileSync(join(folder, 'file'), '')
    expect(() => openLmdbEngine(join(folder, 'file', '0_1'), silentLogger)).toThrow(
      expect.objectContaining({ code: 'STORE_REFUSED', message: expect.stringContaining(join(folder, 'file', '0_1')) }),
    )
    rmSync(folder, { recursive: true })
  })
})
