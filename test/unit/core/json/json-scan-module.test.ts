import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..', '..', '..', '..')

test('the module of WebAssembly is what its source compiles to', async () => {
  const check = promisify(execFile)(process.execPath, ['scripts/json-scan.mjs', '--check'], { cwd: root })
  await expect(check).resolves.toEqual({ stdout: '', stderr: '' })
}, 120_000)
