import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../../scripts/lab/folders.mjs'

const root = packageRoot()
const limitMs = 240_000

const program = `
import { LogStreamViewer, type LogView, parametersOfView } from '@millrace/react'
import '@millrace/react/styles.css'

const view: LogView = { filters: { levels: ['error'] }, search: 'timeout' }
export const link: string = parametersOfView(view).toString()
export const App = () => <LogStreamViewer endpoint="/logs/stream" filters={view.filters} />
`
const server = `
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { LogStreamViewer, parametersOfView } from '@millrace/react'
console.log(parametersOfView({ filters: { levels: ['error'] } }).toString())
console.log(JSON.stringify(renderToString(createElement(LogStreamViewer, { endpoint: '/logs/stream' }))))
`

async function run(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(args[0] ?? '', args.slice(1), { cwd: folder })
  return stdout
}

describe('the package of the components, in an empty project', () => {
  let project = ''
  let installed = ''

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'millrace-react-'))
    installed = join(project, 'node_modules', '@millrace', 'react')
    await mkdir(join(project, 'node_modules', '@types'), { recursive: true })
    await mkdir(installed, { recursive: true })
    await run(root, process.execPath, join('scripts', 'react-package.mjs'))
    const tarball = await run(project, 'npm', 'pack', '--silent', '--ignore-scripts', join(root, 'dist', 'react'))
    await run(project, 'tar', '-xzf', tarball.trim(), '-C', installed, '--strip-components=1')
    for (const name of ['react', 'react-dom', '@types/react', 'csstype'])
      await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name))
    await writeFile(join(project, 'package.json'), '{"type":"module"}')
  }, limitMs)

  afterAll(() => rm(project, { recursive: true, force: true }))

  test('has what it needs, and nothing else', async () => {
    const names = await readdir(installed)
    expect(names.toSorted()).toEqual(['LICENSE', 'README.md', 'index.js', 'package.json', 'styles.css', 'types'])
  })

  test('runs where there is no browser, as servers that draw pages do', async () => {
    await writeFile(join(project, 'server.mjs'), server)
    expect(await run(project, process.execPath, 'server.mjs')).toBe('levels=error\n""\n')
  })

  test.each([
    ['bundlers', { module: 'esnext', moduleResolution: 'bundler' }],
    ['Node', { module: 'nodenext' }],
  ])('is checked by TypeScript, as %s would resolve it', async (_, resolution) => {
    const options = { ...resolution, target: 'es2022', lib: ['es2022', 'dom'], jsx: 'react-jsx', strict: true }
    const compilerOptions = { ...options, noEmit: true, types: [], noUncheckedSideEffectImports: false }
    await writeFile(join(project, 'app.tsx'), program)
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.tsx'] }))
    const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
    expect(await run(project, process.execPath, compiler, '-p', project)).toBe('')
  })
})
