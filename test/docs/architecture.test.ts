import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Edit } from './example-changes/edit.ts'
import { exampleChanges } from './example-changes/example-changes.ts'
import { readText, root, tableRows } from './markdown.ts'

const text = readText('ARCHITECTURE.md')
const named = (part: string): readonly string[] => [...part.matchAll(/`([\w@<>./-]+)`/g)].map((match) => match[1] ?? '')
const paths = named(text).filter((name) =>
  /^(src|fleet|topologies|schemas|workers|test|bench|scripts|docs|helm)\//.test(name),
)
const table = text.slice(text.indexOf('## Where to add'))
const rowLines = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| to add'))
const rows = rowLines.map((line) => [tableRows(line)[0]?.[0] ?? '', line] as const)
const changes = Object.entries(exampleChanges)

describe('ARCHITECTURE.md', () => {
  test.each([...new Set(paths)])('names %s, which exists', (path) => {
    expect(existsSync(join(root, path.replace(/<.*$/, '')))).toBe(true)
  })

  test('leads through ten files of a record in their order', () => {
    const section = text.split('## Reading the source')[1]?.split('\n## ')[0] ?? ''
    const files = section.split('\n').filter((line) => /^\d+\. /.test(line))
    expect(files.map((line) => named(line)[0])).toEqual(files.map(() => expect.stringMatching(/^src\/.*\.ts$/)))
    expect(files).toHaveLength(10)
  })

  test.each(rows)('%s has a test and a page', (_, line) => {
    const [, , tests = '', page = ''] = line.split(/(?<!\\)\|/).slice(1, -1)
    expect(named(tests).filter((name) => name.includes('/'))).not.toEqual([])
    expect(page).toMatch(/\]\(\S+\.md[#)]|^ `[\w./]+` $/)
  })

  test('has an example change for each row', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(exampleChanges))
  })

  test.each(changes)('%s is added in files that its row names', (name, edits) => {
    const line = rows.find(([row]) => row === name)?.[1] ?? ''
    const places = named(line.split('|')[2] ?? '').map((path) => path.replace(/<.*$/, ''))
    expect(edits.map(({ file }) => file).filter((file) => !places.some((place) => isAt(file, place)))).toEqual([])
  })
})

function isAt(file: string, place: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place
}

describe('the example changes', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-changes-'))
    for (const part of [
      'src',
      'topologies',
      'schemas',
      'workers',
      'fleet',
      'scripts',
      'test/support',
      'helm',
      'bench/parsing',
      'bench/logcases',
    ])
      await cp(join(root, part), join(folder, part), { recursive: true })
    for (const file of ['package.json', 'tsconfig.json']) await cp(join(root, file), join(folder, file))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(changes)('of %s can be made', async (_, edits) => {
    for (const edit of edits) await make(folder, edit)
  })

  test('compile together', async () => {
    const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
    const outcome = await promisify(execFile)(process.execPath, [compiler, '-p', folder], { cwd: folder }).catch(
      (error: { readonly stdout: string }) => error,
    )
    expect(outcome.stdout).toBe('')
  }, 240_000)
})

async function make(folder: string, { file, find, put }: Edit): Promise<void> {
  const path = join(folder, file)
  if (find === undefined) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, put)
    return
  }
  const source = await readFile(path, 'utf8')
  expect({ file, has: source.includes(find) ? find : 'another text' }).toEqual({ file, has: find })
  await writeFile(
    path,
    source.replace(find, () => put),
  )
}
