import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../scripts/lab/folders.mjs'

/** Folders that programs find next to that of the sources. */
const data = ['pipelines', 'alerts', 'security']
const sources = ['src', 'topologies', 'schemas', 'workers', 'fleet', 'bench', 'scripts', 'test/support', ...data]

const staleAfterMs = 3_600_000

/**
 * The file of a program compiled from the sources as they are now: `builtProgram('workers/audit')`. Compiled once, whatever
 * the number of suites, into a folder of its own, so that nothing under test changes while it runs.
 */
export function builtProgram(name: string): string {
  return join(buildFolder(), `${name}.js`)
}

function buildFolder(): string {
  const root = packageRoot()
  const builds = join(root, '.lab', 'built')
  const folder = join(builds, fingerprint(root))
  if (existsSync(folder)) return folder
  mkdirSync(builds, { recursive: true })
  for (const name of readdirSync(builds)) {
    const other = join(builds, name)
    // A younger one may be of a run that is still under way.
    if (Date.now() - statSync(other).mtimeMs > staleAfterMs) rmSync(other, { recursive: true, force: true })
  }
  const temporary = mkdtempSync(join(builds, 'partial-'))
  try {
    compile(root, temporary)
    for (const name of data) cpSync(join(root, name), join(temporary, name), { recursive: true })
    renameSync(temporary, folder)
  } catch (error) {
    // Another process may have built the same in the meantime.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return folder
}

function compile(root: string, outDir: string): void {
  const compiler = join(root, 'node_modules/@typescript/native/bin/tsc')
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir, '--declaration', 'false']
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  // Type errors are the type check's business; the tests of other suites run all the same.
  if (status !== 0 && !existsSync(join(outDir, 'src'))) throw new Error(`the build failed: ${stdout}`)
}

function fingerprint(root: string): string {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    const stat = statSync(path)
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name))
    else hash.update(`${path}:${stat.mtimeMs}:${stat.size}\n`)
  }
  for (const name of sources) add(join(root, name))
  return hash.digest('hex').slice(0, 16)
}
