import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { AppendFile } from '../../../src/sinks/files/append-file.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-append-'))
})

afterEach(() => rm(folder, { recursive: true }))

test('what writers append at the same time does not mix, however much it is', async () => {
  const path = join(folder, 'lines')
  const letters = ['a', 'b', 'c']
  const files = await Promise.all(letters.map(() => AppendFile.open(path)))
  const mebibytes = 3 * 2 ** 20
  await Promise.all(files.map((file, index) => file.append(Buffer.alloc(mebibytes, letters[index]))))
  for (const file of files) await file.close()
  const runs = (await readFile(path, 'latin1')).match(/a+|b+|c+/g) ?? []
  expect(runs.map(({ length }) => length)).toEqual(letters.map(() => mebibytes))
})

test('a file whose sync failed is not said to be on the disk by the next one', async () => {
  const file = await AppendFile.open(join(folder, 'lines'))
  await file.append(Buffer.from('one\n'))
  await file.close()
  const first = await file.sync().catch((error: unknown) => error)
  expect(first).toMatchObject({ code: 'EBADF' })
  await expect(file.sync()).rejects.toBe(first)
})

test('a sync with nothing new does nothing, not even on a file that is closed', async () => {
  const file = await AppendFile.open(join(folder, 'lines'))
  await file.append(Buffer.from('one\n'))
  await file.sync()
  await file.close()
  await file.sync()
})
