import { afterAll, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDirectory } from '../../../src/core/make-directory.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-make-directory-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('many who make directories in a folder that is not there yet do not get in the way of each other', async () => {
  const failures: unknown[] = []
  for (let round = 0; round < 50; round++) {
    const makers = Array.from({ length: 12 }, (_, index) =>
      makeDirectory(join(folder, `round-${round}`, ...['a', 'b', 'c'].slice(index % 4), `application-${index}`)),
    )
    for (const outcome of await Promise.allSettled(makers)) {
      if (outcome.status === 'rejected') failures.push(outcome.reason)
    }
  }
  expect(failures).toEqual([])
})

test('where no directory can be made the error is that of the file system, at once', async () => {
  await expect(makeDirectory('/proc/millrace/state')).rejects.toMatchObject({ code: 'ENOENT' })
})
