import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { readText, root } from './markdown.ts'

const pages = readdirSync(join(root, 'docs/api'))

test('docs/api has a page for each door of the package', () => {
  const { exports } = JSON.parse(readText('package.json')) as { readonly exports: Readonly<Record<string, unknown>> }
  const doors = Object.keys(exports).filter((door) => door !== './package.json')
  const names = doors.map((door) => `millrace${door.slice(1).replace('/', '-')}.md`)
  expect(pages.toSorted()).toEqual(['README.md', ...names].toSorted())
})

test('docs/api says what the doc comments say', async () => {
  const script = join(root, 'scripts', 'api-pages.mjs')
  const outcome = promisify(execFile)(process.execPath, [script, '--check'], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  await expect(outcome).resolves.toMatchObject({ stderr: '' })
}, 120_000)
