// @ts-check
// Runs a built program: `node scripts/run.mjs fleet/start [options]`. Uses nothing but Node, so that it works on a fresh
// clone: installs and builds what is missing or stale first.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const installedMark = join(root, 'node_modules', '.millrace-installed')
const builtMark = join(root, 'dist', '.millrace-built')
const sources = [
  'src',
  'topologies',
  'schemas',
  'workers',
  'fleet',
  'bench',
  'scripts',
  'test/support',
  'test/conformance',
  'tsconfig.json',
  'tsconfig.build.json',
]

/** @param {string} line */
const say = (line) => console.error(`millrace: ${line}`)

const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

if (!existsSync(installedMark) || readFileSync(installedMark, 'utf8') !== lockHash) {
  say('installing what the lock file names (once)')
  run('npm', ['ci', '--ignore-scripts', '--no-progress', '--loglevel=error'])
  writeFileSync(installedMark, lockHash)
}

if (!existsSync(builtMark) || newest(sources) > statSync(builtMark).mtimeMs) {
  say('building')
  run(process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', 'tsconfig.build.json'])
  writeFileSync(builtMark, '')
}

const [program] = process.argv.splice(2, 1)
if (program === undefined) {
  say('name a program, such as fleet/start')
  process.exit(2)
}
await import(new URL(`../dist/${program}.js`, import.meta.url).href)

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  say(`${program} ${args[0]} failed${error ? ` (${error.message})` : ''}: see above`)
  process.exit(2)
}

/**
 * The latest change below these files and folders, in milliseconds.
 * @param {readonly string[]} names
 * @returns {number}
 */
function newest(names) {
  let latest = 0
  for (const name of names) {
    const path = join(root, name)
    if (!existsSync(path)) continue
    const stat = statSync(path)
    const below = stat.isDirectory() ? newest(readdirSync(path).map((child) => join(name, child))) : stat.mtimeMs
    latest = Math.max(latest, below, stat.mtimeMs)
  }
  return latest
}
