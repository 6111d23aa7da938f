import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

const here = dirname(fileURLToPath(import.meta.url))
const keyCount = 5000
const hooks = ['--import', join(here, 'typescript-hooks.mjs')]

interface Opened {
  readonly offset?: string
  readonly values: readonly string[]
  readonly count: number
  readonly reason?: string
}

/** Opens in a process of its own: damage may kill it, and that has to be seen. */
function openAllIn(directories: readonly string[]): Opened[] {
  const arguments_ = [...hooks, join(here, 'opening-child.ts'), ...directories]
  const { signal, status, stderr, stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' })
  expect({ signal, status, stderr }).toEqual({ signal: null, status: 0, stderr: '' })
  return JSON.parse(stdout) as Opened[]
}

const openIn = (directory: string): Opened => openAllIn([directory])[0] as Opened

/** Lets a process commit until some rounds are acknowledged, then kills it. Returns the last acknowledged round. */
async function commitAndKill(directory: string, rounds: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [...hooks, join(here, 'committing-child.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let acknowledged = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      acknowledged += data.toString()
      if (acknowledged.split('\n').length > rounds) resolve()
    })
    child.once('exit', () => resolve())
  })
  await new Promise((resolve) => setTimeout(resolve, delayMs))
  child.kill('SIGKILL')
  await ended
  return Number(acknowledged.trim().split('\n').at(-1))
}

describe('an LMDB environment after harm', () => {
  let folder: string
  let healthy: string
  let lastRound: number

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-damage-'))
    healthy = join(folder, 'healthy')
    lastRound = await commitAndKill(healthy, 3, 0)
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const copy = (name: string): string => {
    const directory = join(folder, name)
    cpSync(healthy, directory, { recursive: true })
    return directory
  }
  const dataOf = (directory: string): string => join(directory, 'data.mdb')
  const overwrite = (directory: string, at: number, bytes: Buffer): void => {
    const file = openSync(dataOf(directory), 'r+')
    writeSync(file, bytes, 0, bytes.length, at)
    closeSync(file)
  }
  const expectEmpty = (opened: Opened): void => {
    expect({ offset: opened.offset, count: opened.count }).toEqual({ offset: undefined, count: 0 })
  }
  const expectWhole = (opened: Opened): void => {
    expect(opened.reason).toBeUndefined()
    expect(opened.count).toBe(2 * keyCount)
    expect(opened.values).toEqual([String(opened.offset).padStart(40, '0')])
  }

  test('killed while committing, it holds one whole batch, and none that was acknowledged is lost', async () => {
    const directory = join(folder, 'killed')
    for (const delayMs of [0, 5, 13]) {
      const acknowledged = await commitAndKill(directory, 2, delayMs)
      const opened = openIn(directory)
      expectWhole(opened)
      expect(Number(opened.offset)).toBeGreaterThanOrEqual(acknowledged)
    }
  })

  test('untouched, it is whole', () => {
    const opened = openIn(copy('untouched'))
    expectWhole(opened)
    expect(Number(opened.offset)).toBeGreaterThanOrEqual(lastRound)
  })

  test('a file that was cut off anywhere is deleted', () => {
    const pages = readFileSync(dataOf(healthy))
    const usedBytes = (Math.max(pages.readUInt32LE(144), pages.readUInt32LE(4096 + 144)) + 1) * 4096
    const directories = [0, 1, 100, 4096, 8192, 12_288, usedBytes - 4096, usedBytes - 1].map((length) => {
      const directory = copy(`cut${length}`)
      truncateSync(dataOf(directory), length)
      return directory
    })
    for (const opened of openAllIn(directories)) expectEmpty(opened)
  })

  test.each([
    ['zeroes', Buffer.alloc(4096)],
    ['ones', Buffer.alloc(4096, 0xff)],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919 + 13) % 251))],
  ])('pages overwritten with %s are found, or nobody reads them', (name, garbage) => {
    const pages = Math.floor(statSync(dataOf(healthy)).size / 4096)
    const step = Math.max(1, Math.floor(pages / 40))
    const directories: string[] = []
    for (let page = 0; page < pages; page += step) {
      const directory = copy(`${name}${page}`)
      overwrite(directory, page * 4096, garbage)
      directories.push(directory)
    }
    const opened = openAllIn(directories)
    const deleted = opened.filter((one) => one.reason !== undefined)
    expect(deleted.length).toBeGreaterThan(5)
    for (const one of opened) (one.reason === undefined ? expectWhole : expectEmpty)(one)
  })

  test('with a sidecar that cannot be trusted it is deleted', () => {
    const contents = [
      '',
      '{"format":1,',
      '{"format":99,"bootId":"","clean":true}',
      '{"format":1,"bootId":"another","clean":false}',
    ]
    const directories = contents.map((content, index) => {
      const directory = copy(`sidecar${index}`)
      writeFileSync(join(directory, 'millrace.json'), content)
      return directory
    })
    for (const opened of openAllIn(directories)) expectEmpty(opened)
  })

  test('closed in order, it is trusted after a reboot', () => {
    const directory = copy('clean')
    expectWhole(openIn(directory))
    const path = join(directory, 'millrace.json')
    const sidecar = JSON.parse(readFileSync(path, 'utf8')) as object
    expect(sidecar).toMatchObject({ clean: true })
    writeFileSync(path, JSON.stringify({ ...sidecar, bootId: 'another' }))
    expectWhole(openIn(directory))
  })
})
