import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const manifest = (project: string) =>
  JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    name: string
    dependencies: { millrace: string }
  }

describe('millrace init', () => {
  test('makes a topology, its test, package.json, Dockerfile, chart values and .gitignore', async () => {
    const { exitCode } = await commandLine().run('init', folder)
    expect(exitCode).toBe(0)
    expect(readdirSync(folder).sort()).toEqual([
      '.gitignore',
      'Dockerfile',
      'README.md',
      'package.json',
      'page-views.test.ts',
      'page-views.ts',
      'values.yaml',
      'worker.ts',
      'write-views.ts',
    ])
  })

  test('names the package after a directory that it makes, and depends on this version', async () => {
    const project = join(folder, 'My Views')
    await commandLine().run('init', project)
    expect(manifest(project)).toMatchObject({ name: 'my-views', dependencies: { millrace: '^0.1.0' } })
  })

  test('takes a tarball, which it names as seen from the project', async () => {
    const tarball = join(folder, 'millrace.tgz')
    writeFileSync(tarball, '')
    const project = join(folder, 'views')
    await commandLine().run('init', project, '--package', tarball)
    expect(manifest(project).dependencies).toEqual({ millrace: 'file:../millrace.tgz' })
  })

  test('overwrites nothing: it names the files that are there, and writes none', async () => {
    writeFileSync(join(folder, 'worker.ts'), 'mine')
    const { exitCode, errors } = await commandLine().run('init', folder)
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/worker\.ts already.*FILES_EXIST/)
    expect(readdirSync(folder)).toEqual(['worker.ts'])
  })

  test('says which Node runs the project where this one does not', async () => {
    const { errors } = await commandLine().run('init', folder)
    const [major = 0] = process.versions.node.split('.').map(Number)
    expect(/needs Node 22\.18/.test(errors)).toBe(major < 22)
  })
})
