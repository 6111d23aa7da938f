import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.ts'
import type { EngineWrite } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'

const here = dirname(fileURLToPath(import.meta.url))
const pageBytes = 4096
/** SPOILED_SEED and SPOILED_CASES look for more than the tests do each time. */
const seed = Number(process.env.SPOILED_SEED ?? 1)
const cases = Number(process.env.SPOILED_CASES ?? 10)

type Draw = (bound: number) => number

function drawing(start: number): Draw {
  let state = start
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** An environment with a past: rows of all sizes that were changed and deleted, long keys, segments that were dropped. */
async function fill(directory: string, draw: Draw): Promise<void> {
  const engine = openLmdbEngine(directory, silentLogger)
  const keyOf = (): Buffer => {
    const key = `key-${String(draw(900)).padStart(4, '0')}`
    return Buffer.from(draw(60) === 0 ? key.repeat(300) : key)
  }
  const valueOf = (): Buffer | null => {
    if (draw(8) === 0) return null
    return Buffer.alloc(draw(40) === 0 ? 2000 + draw(14_000) : draw(120), String(draw(1000)))
  }
  for (let round = 0; round < 14; round++) {
    const writes: EngineWrite[] = Array.from({ length: 120 }, () => ({ key: keyOf(), value: valueOf() }))
    const segment = `b@${Math.floor(round / 3)}`
    await engine.write({
      writes: new Map([
        ['a', writes],
        [segment, writes.slice(0, 60)],
      ]),
      drops: round % 6 === 5 ? [`b@${Math.floor(round / 3) - 1}`] : [],
      meta: new Map([
        ['offset', String(round)],
        ['segments', JSON.stringify({ round })],
      ]),
    })
  }
  await engine.close()
}

const noise = (length: number, draw: Draw): Buffer => Buffer.from(Array.from({ length }, () => draw(256)))

/** Changes a file in a way that disks, other programs and crashes do. */
const harms: Readonly<Record<string, (file: Buffer, draw: Draw) => Buffer>> = {
  'cut off at a byte': (file, draw) => file.subarray(0, draw(file.length)),
  'with noise in a page': (file, draw) => {
    noise(pageBytes, draw).copy(file, draw(file.length / pageBytes) * pageBytes)
    return file
  },
  'with zeroes in a page': (file, draw) => {
    const page = draw(file.length / pageBytes)
    return file.fill(0, page * pageBytes, (page + 1) * pageBytes)
  },
  'with noise over some bytes': (file, draw) => {
    noise(1 + draw(600), draw).copy(file, draw(file.length))
    return file
  },
  'with one bit that is flipped': (file, draw) => {
    const at = draw(file.length)
    file[at] = (file[at] as number) ^ (1 << draw(8))
    return file
  },
  'with a byte that is changed in a header': (file, draw) => {
    const at = draw(file.length / pageBytes) * pageBytes + draw(48)
    file[at] = draw(256)
    return file
  },
  'with a page in the place of another': (file, draw) => {
    const pages = file.length / pageBytes
    const [from, to] = [draw(pages), draw(pages)]
    file.copy(file, to * pageBytes, from * pageBytes, (from + 1) * pageBytes)
    return file
  },
  'with a meta page that is spoiled': (file, draw) => {
    file[draw(2) * pageBytes + draw(168)] = draw(256)
    return file
  },
  'with both meta pages spoiled': (file, draw) => {
    noise(200, draw).copy(file, 0)
    noise(200, draw).copy(file, pageBytes)
    return file
  },
}

interface Found {
  readonly reason?: string
  readonly before: string
  readonly isSame: boolean
}

/** In a process of its own: damage may end it, and that has to be seen. */
function found(directories: readonly string[]): Found[] {
  const arguments_ = ['--import', join(here, 'typescript-hooks.mjs'), join(here, 'rewriting-child.ts'), ...directories]
  const { signal, status, stderr, stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' })
  expect({ signal, status, stderr }).toEqual({ signal: null, status: 0, stderr: '' })
  return JSON.parse(stdout) as Found[]
}

describe.each([true, false])('an LMDB environment, closed in order: %s', (clean) => {
  let folder: string
  let healthy: string
  let whole: Found
  let empty: Found

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-spoiled-'))
    healthy = join(folder, 'healthy')
    await fill(healthy, drawing(seed))
    const path = join(healthy, 'millrace.json')
    const sidecar = JSON.parse(readFileSync(path, 'utf8')) as object
    // As a process leaves it that was killed.
    if (!clean) writeFileSync(path, JSON.stringify({ ...sidecar, clean: false, file: undefined }))
    const copy = join(folder, 'copy')
    cpSync(healthy, copy, { recursive: true })
    ;[whole, empty] = found([copy, join(folder, 'nothing')]) as [Found, Found]
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('untouched, it is whole', () => {
    expect(whole).toMatchObject({ isSame: true })
    expect(whole.reason).toBeUndefined()
    expect(whole.before).not.toBe(empty.before)
  })

  test.each(Object.entries(harms))('%s, it is deleted or reads as it was written', (name, harm) => {
    const draw = drawing(seed * 31 + name.length)
    const directories = Array.from({ length: cases }, (_, index) => {
      const directory = join(folder, `${name.replaceAll(' ', '-')}-${index}`)
      cpSync(healthy, directory, { recursive: true })
      const data = join(directory, 'data.mdb')
      writeFileSync(data, harm(readFileSync(data), draw))
      return directory
    })
    const ends = found(directories)
    for (const [index, end] of ends.entries()) {
      const expected = end.reason === undefined ? whole.before : empty.before
      expect({ index, ...end, before: end.before === expected }).toMatchObject({ index, before: true, isSame: true })
    }
    // Most pages are in use.
    expect(ends.some(({ reason }) => reason !== undefined)).toBe(true)
    for (const directory of directories) rmSync(directory, { recursive: true })
  })

  test('with any byte of its sidecar changed, it is deleted or reads as it was written', () => {
    const draw = drawing(seed)
    const directories = Array.from({ length: cases }, (_, index) => {
      const directory = join(folder, `sidecar-${index}`)
      cpSync(healthy, directory, { recursive: true })
      const path = join(directory, 'millrace.json')
      const bytes = readFileSync(path)
      bytes[draw(bytes.length)] = 32 + draw(96)
      writeFileSync(path, draw(5) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes)
      return directory
    })
    for (const end of found(directories)) {
      expect(end.before).toBe(end.reason === undefined ? whole.before : empty.before)
      expect(end.isSame).toBe(true)
    }
  })
})
