import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../../src/core/clock.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import { StateDirectory } from '../../../../src/runtime/state/state-directory.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-directory-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const twoOf = (path: string, ...names: readonly [string, string]) =>
  names.map((name) => new StateDirectory(path, name, systemClock)) as [StateDirectory, StateDirectory]

describe('the state directory', () => {
  test('is refused to a second application of the same process, until the first gives it back', async () => {
    const [first, second] = twoOf(folder, 'app', 'app')
    await first.prepare(silentLogger)
    await expect(second.prepare(silentLogger)).rejects.toMatchObject({
      code: 'STATE_DIRECTORY_IN_USE',
      message: expect.stringContaining('another application in this process'),
    })
    await first.release()
    await second.prepare(silentLogger)
    await second.release()
  })

  test('is waited for while the one before closes', async () => {
    const [first, second] = twoOf(folder, 'app', 'app')
    await first.prepare(silentLogger)
    const prepared = second.prepare(silentLogger)
    await first.release()
    await prepared
    await second.release()
  })

  test('is of an application each', async () => {
    const [first, second] = twoOf(folder, 'app', 'other')
    await first.prepare(silentLogger)
    await second.prepare(silentLogger)
    await Promise.all([first.release(), second.release()])
  })

  test('may have a path that no socket can have', async () => {
    const long = join(folder, 'a'.repeat(120), 'b'.repeat(120))
    const [first, second] = twoOf(long, 'app', 'app')
    await first.prepare(silentLogger)
    await expect(second.prepare(silentLogger)).rejects.toMatchObject({ code: 'STATE_DIRECTORY_IN_USE' })
    await first.release()
  })

  test('is free again after a look at it has failed', async () => {
    const [first, second] = twoOf(folder, 'app', 'app')
    // A name that cannot be deleted, as it is a directory with something in it.
    const stale = join(folder, 'app', '.lock', 'lock-1-host-0a')
    await mkdir(join(stale, 'inside'), { recursive: true })
    await expect(first.prepare(silentLogger)).rejects.toMatchObject({ code: 'STATE_DIRECTORY_UNUSABLE' })
    await rm(stale, { recursive: true })
    await second.prepare(silentLogger)
    await second.release()
  })

  test('a state directory that cannot be created is reported with its path and the fix', async () => {
    await writeFile(join(folder, 'file'), '')
    const directory = new StateDirectory(join(folder, 'file'), 'app', systemClock)
    await expect(directory.prepare(silentLogger)).rejects.toMatchObject({
      code: 'STATE_DIRECTORY_UNUSABLE',
      consequence: 'fatal',
      message: expect.stringContaining(join(folder, 'file', 'app')),
    })
  })

  test('a state directory that the system cannot create is reported too, and not tried without end', async () => {
    const directory = new StateDirectory('/proc/millrace', 'app', systemClock)
    await expect(directory.prepare(silentLogger)).rejects.toMatchObject({ code: 'STATE_DIRECTORY_UNUSABLE' })
  })

  test('only one thread has the directory of a task', () => {
    const directory = new StateDirectory(folder, 'app', systemClock)
    const [one, other] = [{}, {}]
    const task = { subtopology: 0, partition: 1 }
    expect(directory.claim(task, one)).toBe(true)
    expect(directory.claim(task, other)).toBe(false)
    expect(directory.claim({ subtopology: 0, partition: 2 }, other)).toBe(true)
    directory.giveBack(task, other)
    expect(directory.claim(task, other)).toBe(false)
    directory.giveBack(task, one)
    expect(directory.claim(task, other)).toBe(true)
  })
})

describe('the id of a process', () => {
  const idAfter = async (preset: string): Promise<string> => {
    const directory = new StateDirectory(folder, 'app', systemClock)
    await directory.prepare(silentLogger)
    try {
      return directory.processId(preset)
    } finally {
      await directory.release()
    }
  }

  test.each(['orders-7f3a', 'orders of Zürich-7f3a'])('is the one of its first start: %s', async (first) => {
    expect(await idAfter(first)).toBe(first)
    expect(await idAfter('another')).toBe(first)
  })

  test('is written again where its file is empty or holds noise', async () => {
    await idAfter('first')
    for (const [content, next] of [
      ['', 'second'],
      ['\u0000\u0001', 'third'],
    ] as const) {
      await writeFile(join(folder, 'app', 'process-id'), content)
      expect(await idAfter(next)).toBe(next)
      expect(await idAfter('another')).toBe(next)
    }
  })

  test('is another one at each start where all state is in memory', () => {
    const directory = new StateDirectory(undefined, 'app', systemClock)
    expect([directory.processId('one'), directory.processId('two')]).toEqual(['one', 'two'])
  })
})
