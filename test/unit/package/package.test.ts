import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packFaults } from '../../../scripts/release-checks.mjs'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
const limitMs = 240_000

const program = `
import { StreamsBuilder, string } from 'millrace'
import { Health } from 'millrace/ops'
import { filesSink } from 'millrace/sinks'
import { TopologyTestDriver } from 'millrace/testing'

export const sink: unknown = filesSink
export const health: unknown = Health
const texts = { key: string(), value: string() }
const builder = new StreamsBuilder()
builder.stream('in', texts).mapValues((value) => value.toUpperCase()).to('out', texts)
const driver = new TopologyTestDriver(builder.build())
driver.createInputTopic('in', texts).pipeInput('a', 'b')
export const read: string | null | undefined = driver.createOutputTopic('out', texts).readValue()
`
const plainProgram = program.replaceAll(/: (unknown|string \| null \| undefined) =/g, ' =')

type Exports = Parameters<typeof packFaults>[1]

interface Outcome {
  readonly code: number
  readonly output: string
}

function run(folder: string, command: string, args: readonly string[], environment: object = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '', ...environment }
    execFile(command, args, { cwd: folder, env, maxBuffer: 16 * 1024 * 1024 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : 1, output: output + errors })
    })
  })
}

/** What a fresh clone holds, with the packages that an install would bring. */
async function cloneTo(folder: string): Promise<void> {
  const { output } = await run(root, 'git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'])
  for (const file of output.split('\0')) {
    if (
      file === '' ||
      !/^(src|console|scripts|docs|examples|topologies|schemas|workers|fleet|bench|test\/(support|conformance\/[^/]+\.ts))|^[^/]+$/.test(
        file,
      )
    )
      continue
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await cp(join(root, file), join(folder, file)).catch(() => {})
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}

async function filesBelow(folder: string, ending: string, recursive = true): Promise<string[]> {
  const found = await readdir(folder, { recursive })
  return found.filter((file) => file.endsWith(ending)).map((file) => join(folder, file))
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const worked: Outcome = { code: 0, output: expect.any(String) as unknown as string }

describe('the package of a fresh clone, installed in an empty project', () => {
  let work = ''
  let project = ''
  let installed = ''

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'millrace-package-'))
    const clone = join(work, 'clone')
    project = join(work, 'project')
    installed = join(project, 'node_modules', 'millrace')
    await mkdir(clone)
    await mkdir(project)
    await cloneTo(clone)
    const packed = await run(clone, 'npm', ['pack', '--silent', '--pack-destination', work])
    expect(packed).toEqual(worked)
    await writeFile(join(project, 'package.json'), '{"type":"module"}')
    const options = ['--prefer-offline', '--engine-strict', '--ignore-scripts', '--no-audit', '--no-fund']
    const [tarball = ''] = await filesBelow(work, '.tgz', false)
    expect(await run(project, 'npm', ['install', ...options, tarball])).toEqual(worked)
  }, limitMs)

  afterAll(() => rm(work, { recursive: true, force: true }))

  test('is used by an ES module', async () => {
    await writeFile(join(project, 'main.mjs'), `${plainProgram}\nconsole.log(read)`)
    expect(await run(project, process.execPath, ['main.mjs'])).toEqual({ code: 0, output: 'B\n' })
  })

  test('is used by CommonJS with require', async () => {
    const body = plainProgram
      .replaceAll(/import (\{.*\}) from ('.*')/g, 'const $1 = require($2)')
      .replaceAll('export const', 'const')
    await writeFile(join(project, 'main.cjs'), `${body}\nconsole.log(read)`)
    const { code, output } = await run(project, process.execPath, ['--no-warnings', 'main.cjs'])
    expect({ code, output }).toEqual({ code: 0, output: 'B\n' })
  })

  test.each([
    ['6, as Node resolves', ['typescript', 'lib', 'tsc.js'], { module: 'nodenext' }],
    ['6, as bundlers resolve', ['typescript', 'lib', 'tsc.js'], { module: 'esnext', moduleResolution: 'bundler' }],
    ['7, as Node resolves', ['@typescript', 'native', 'bin', 'tsc'], { module: 'nodenext' }],
  ])('is checked by TypeScript %s', async (_, compiler, resolution) => {
    const node = { types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] }
    const options = { ...resolution, target: 'es2022', lib: ['es2022'], strict: true, noEmit: true, ...node }
    await writeFile(join(project, 'main.ts'), program)
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }))
    const outcome = await run(project, process.execPath, [join(root, 'node_modules', ...compiler), '-p', project])
    expect(outcome).toEqual({ code: 0, output: '' })
  })

  const inTest = `${program}\ndeclare const test: any, expect: any\ntest('it runs', () => { expect(read).toBe('B') })`
  const swc = (module: string) => [
    join(root, 'node_modules', '@swc', 'jest'),
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: module } },
  ]

  test('is tested by jest with ES modules', async () => {
    const folder = join(project, 'with-modules')
    await mkdir(folder)
    await writeFile(join(folder, 'main.test.ts'), inTest)
    const config = { extensionsToTreatAsEsm: ['.ts'], transform: { '\\.ts$': swc('es6') } }
    await writeFile(join(folder, 'jest.config.json'), JSON.stringify(config))
    const modules = { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' }
    const args = [jest, '--rootDir', folder, '--config', join(folder, 'jest.config.json')]
    expect(await run(project, process.execPath, args, modules)).toEqual(worked)
  })

  test('is tested by jest without them, where jest transforms it too', async () => {
    const folder = join(project, 'without-modules')
    await mkdir(folder)
    await writeFile(join(folder, 'main.test.ts'), inTest)
    await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}')
    const config = {
      transform: { '\\.[jt]s$': swc('commonjs') },
      transformIgnorePatterns: ['/node_modules/(?!millrace/)'],
    }
    await writeFile(join(folder, 'jest.config.json'), JSON.stringify(config))
    const args = [jest, '--rootDir', folder, '--config', join(folder, 'jest.config.json')]
    expect(await run(project, process.execPath, args)).toEqual(worked)
  })

  describe('runs the examples', () => {
    // The page is an example of another package: react-package.test.ts builds it.
    const page = '09-log-page'
    const names = readdirSync(join(root, 'examples')).filter((name) => /^\d\d-/.test(name) && name !== page)
    let built = ''

    beforeAll(async () => {
      built = join(project, 'built')
      await cp(join(root, 'examples'), join(project, 'examples'), { recursive: true })
      await rm(join(project, 'examples', page), { recursive: true })
      const options = { rootDir: '.', outDir: '../built', rewriteRelativeImportExtensions: true, strict: true }
      const resolution = { target: 'es2023', lib: ['es2023'], module: 'nodenext', types: ['node'] }
      const compilerOptions = { ...options, ...resolution, typeRoots: [join(root, 'node_modules', '@types')] }
      await writeFile(join(project, 'examples', 'tsconfig.json'), JSON.stringify({ compilerOptions }))
      const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
      expect(await run(project, process.execPath, [compiler, '-p', 'examples'])).toEqual({ code: 0, output: '' })
    }, limitMs)

    test('each passes its own tests', async () => {
      const files = await filesBelow(built, '.test.js')
      expect(new Set(files.map((file) => basename(dirname(file))))).toEqual(new Set(names))
      expect(await run(project, process.execPath, ['--test', ...files])).toEqual(worked)
    })

    test('each starts without a broker and says what came out', async () => {
      const mains = await filesBelow(built, 'main.js')
      const environment = { KAFKA_BOOTSTRAP_SERVERS: undefined }
      const outcomes = await Promise.all(mains.map((main) => run(project, process.execPath, [main], environment)))
      expect(outcomes).toEqual(mains.map(() => ({ code: 0, output: expect.stringMatching(/\S/) as unknown as string })))
      expect(mains).toHaveLength(6)
    })

    test.each(names)('%s installs the tarball of this version', async (name) => {
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string }
      const example = JSON.parse(await readFile(join(root, 'examples', name, 'package.json'), 'utf8')) as object
      expect(example).toMatchObject({ dependencies: { millrace: `file:../../millrace-${version}.tgz` } })
    })
  })

  test('makes a project by its command line, whose tests pass and which runs at once', async () => {
    const views = join(project, 'views')
    const millrace = join(project, 'node_modules', '.bin', 'millrace')
    expect(await run(project, millrace, ['init', views])).toEqual(worked)
    await writeFile(join(views, 'views.ndjson'), '{"page":"/home"}\n{"page":"/home"}\n')
    const [major = 0] = process.versions.node.split('.').map(Number)
    if (major > 22) expect(await run(views, 'npm', ['test'])).toEqual(worked)
    const options = { rewriteRelativeImportExtensions: true, strict: true, module: 'nodenext', target: 'es2023' }
    const compilerOptions = { ...options, types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] }
    await writeFile(join(views, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
    expect(await run(project, process.execPath, [compiler, '-p', views])).toEqual({ code: 0, output: '' })
    expect(await run(views, process.execPath, ['--test', 'page-views.test.js'])).toEqual(worked)
    expect(await run(views, millrace, ['test', 'worker.js'])).toEqual(worked)
    const args = ['run', 'worker.js', '--memory', '--input', 'views=views.ndjson']
    const { code, output } = await run(views, millrace, args, { OPS_PORT: '0' })
    expect({ code, output }).toEqual({ code: 0, output: 'view-counts  /home  2\n' })
  })

  test('holds what a release needs, and nothing else', async () => {
    const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly exports: Exports }
    const found = await readdir(installed, { recursive: true, withFileTypes: true })
    const paths = found
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
    const files = paths.filter((path) => !path.startsWith('node_modules/')).map((path) => ({ path }))
    expect(packFaults({ size: 0, files }, exports)).toEqual([])
  })

  test('has every page that its pages link to', async () => {
    const broken: string[] = []
    for (const page of (await filesBelow(installed, '.md')).filter(
      (file) => !file.includes('node_modules/millrace/node_modules'),
    )) {
      for (const [, link = ''] of (await readFile(page, 'utf8')).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(link)) continue
        if (!(await exists(join(dirname(page), link)))) broken.push(`${page.slice(installed.length + 1)}: ${link}`)
      }
    }
    expect(broken).toEqual([])
  })

  test('has the sources that its maps name', async () => {
    const missing: string[] = []
    const maps = await filesBelow(join(installed, 'dist'), '.js.map')
    for (const map of maps) {
      const { sources } = JSON.parse(await readFile(map, 'utf8')) as { readonly sources: readonly string[] }
      for (const source of sources) if (!(await exists(join(dirname(map), source)))) missing.push(source)
    }
    expect(maps.length).toBeGreaterThan(200)
    expect(missing).toEqual([])
  })
})
