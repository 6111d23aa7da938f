// @ts-check
// What a fresh clone lacks. Uses nothing but Node, so that it works before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const installedMark = join(root, 'node_modules', '.millrace-installed')
const builtMark = join(root, 'dist', '.millrace-built')
const consoleMark = join(root, 'dist', '.millrace-console-built')
const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
const bundler = join(root, 'node_modules', 'vite', 'bin', 'vite.js')

/**
 * Installs what the lock file names, when that is missing or older than the lock file. A folder that is a link belongs to
 * another checkout, which npm would empty.
 */
export function ensureInstalled() {
  if (lstatSync(dirname(installedMark), { throwIfNoEntry: false })?.isSymbolicLink()) return
  const lockHash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(installedMark) && readFileSync(installedMark, 'utf8') === lockHash) return
  say('installing what the lock file names (once)')
  run('npm', ['ci', '--ignore-scripts', '--no-progress', '--loglevel=error'])
  writeFileSync(installedMark, lockHash)
}

/** What npm runs before it packs, and where it installs from a folder or from Git: then only the compiler may be there. */
export function prepare() {
  if (!existsSync(compiler) || !existsSync(bundler)) ensureInstalled()
  ensureBuilt()
}

/** Builds the programs and the page of the console, each when a source is newer than its last build. */
export function ensureBuilt() {
  ensureProgramsBuilt()
  ensureConsoleBuilt()
}

function ensureProgramsBuilt() {
  if (isFresh(builtMark, sourceNames())) return
  say('building')
  run(process.execPath, [compiler, '-p', 'tsconfig.build.json'])
  writeFileSync(builtMark, '')
}

/** Builds the page that the live tail serves. The tests of the browser need nothing else of the build. */
export function ensureConsoleBuilt() {
  if (isFresh(consoleMark, ['console', 'src/pipelines/levels'])) return
  say('building the page of the console')
  run(process.execPath, [bundler, 'build', '--configLoader', 'native', '--config', 'console/vite.config.mjs'])
  writeFileSync(consoleMark, '')
}

/**
 * Whether nothing below these files and folders has changed since the mark was made.
 * @param {string} mark
 * @param {readonly string[]} names
 */
function isFresh(mark, names) {
  return existsSync(mark) && newest(names) <= statSync(mark).mtimeMs
}

/** @param {string} line */
export function say(line) {
  console.error(`millrace: ${line}`)
}

/** The folders and files that the build reads, by its own configuration. */
function sourceNames() {
  const file = 'tsconfig.build.json'
  return [...JSON.parse(readFileSync(join(root, file), 'utf8')).include, file, 'tsconfig.json']
}

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
    const stat = statSync(join(root, name), { throwIfNoEntry: false })
    if (stat === undefined) continue
    const children = stat.isDirectory() ? readdirSync(join(root, name)).map((child) => join(name, child)) : []
    latest = Math.max(latest, stat.mtimeMs, newest(children))
  }
  return latest
}
