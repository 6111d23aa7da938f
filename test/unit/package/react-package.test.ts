import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../../scripts/lab/folders.mjs'
import { buildLogPage, outputOf as run, reactProject } from '../../support/react-project.ts'

const root = packageRoot()
const limitMs = 240_000

const program = `
import { LogAnalyticsDashboard, LogStreamViewer, type LogView, parametersOfView } from '@millrace/react'
import '@millrace/react/styles.css'

const view: LogView = { filters: { levels: ['error'] }, search: 'timeout' }
export const link: string = parametersOfView(view).toString()
export const App = () => <LogStreamViewer endpoint="/logs/stream" filters={view.filters} />
export const Numbers = () => <LogAnalyticsDashboard endpoint="/analytics" timeRange="6h" chartTypes={['bar']} />
`
const server = `
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { LogAnalyticsDashboard, LogStreamViewer, parametersOfView } from '@millrace/react'
console.log(parametersOfView({ filters: { levels: ['error'] } }).toString())
console.log(JSON.stringify(renderToString(createElement(LogStreamViewer, { endpoint: '/logs/stream' }))))
console.log(renderToString(createElement(LogAnalyticsDashboard, { endpoint: '/analytics' })).includes('Loading'))
`

describe('the package of the components, in an empty project', () => {
  let project = ''
  let installed = ''

  beforeAll(async () => {
    project = await reactProject()
    installed = join(project, 'node_modules', '@millrace', 'react')
  }, limitMs)

  afterAll(() => rm(project, { recursive: true, force: true }))

  test('has what it needs, and nothing else', async () => {
    const names = await readdir(installed)
    expect(names.toSorted()).toEqual(['LICENSE', 'README.md', 'index.js', 'package.json', 'styles.css', 'types'])
  })

  test('has the rules of all its components in one stylesheet', async () => {
    const rules = await readFile(join(installed, 'styles.css'), 'utf8')
    for (const name of ['.mr-list', '.mr-charts', '.u-over']) expect(rules).toContain(`${name}`)
  })

  test('runs where there is no browser, as servers that draw pages do', async () => {
    await writeFile(join(project, 'server.mjs'), server)
    expect(await run(project, process.execPath, 'server.mjs')).toBe('levels=error\n""\ntrue\n')
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

  test(
    'is what the example with a page of its own is built with',
    async () => {
      const built = await buildLogPage(project)
      const page = await readFile(join(built, 'index.html'), 'utf8')
      expect(page).toMatch(/<script type="module"[^>]* src="\.\/assets\/[\w-]+\.js">/)
      const assets = await readdir(join(built, 'assets'))
      expect(assets.map((name) => name.split('.').at(-1)).toSorted()).toEqual(['css', 'js'])
    },
    limitMs,
  )

  test('is what the example installs, in the version of this repository', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string }
    const example = JSON.parse(await readFile(join(root, 'examples', '09-log-page', 'package.json'), 'utf8')) as object
    expect(example).toMatchObject({
      dependencies: { '@millrace/react': `file:../../millrace-react-${version}.tgz` },
    })
  })
})
