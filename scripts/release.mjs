// @ts-check
// Prepares a release: version, changelog, tarball names, contents of the package, a commit and a tag. Nothing is
// published from here: .github/workflows/release.yml does that for a pushed tag, with provenance.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from './lab/folders.mjs'
import { packFaults, releasedChangelog, tarballChecks, versionFault } from './release-checks.mjs'

const root = packageRoot()
const [version = ''] = process.argv.slice(2)

if (version === '--check') check()
else release()

function release() {
  const { version: current } = readPackage()
  const fault = versionFault(version, current)
  if (fault !== undefined) fail([fault])
  if (run('git', ['status', '--porcelain']) !== '') fail(['the work tree has changes: commit them first'])
  edit('CHANGELOG.md', (text) => releasedChangelog(text, version, new Date().toISOString().slice(0, 10)))
  const examples = readdirSync(join(root, 'examples')).filter((name) => /^\d\d-/.test(name))
  for (const file of ['README.md', ...examples.map((name) => `examples/${name}/package.json`)])
    edit(file, (text) =>
      text.replaceAll(/(millrace(?:-react)?-)(\S+?)(\.tgz)/g, (name, start, found, end) =>
        found === current ? start + version + end : name,
      ),
    )
  run('npm', ['version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts'])
  check()
  run('git', ['commit', '--all', '--message', `Release ${version}`])
  run('git', ['tag', `v${version}`])
  console.log(`Released ${version} here. To publish it: git push origin main v${version}`)
}

/** Ends with 1 where the package would not hold what it should, or cannot be used as it says. */
function check() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-release-'))
  try {
    const [pack] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder]))
    const faults = packFaults(pack, readPackage().exports)
    if (faults.length > 0) fail(faults)
    for (const command of tarballChecks(join(folder, pack.filename))) show('npm', ['exec', '--yes', '--', ...command])
    console.log(`${pack.filename}: ${pack.entryCount} files, ${pack.size} bytes packed, ${pack.unpackedSize} unpacked`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readPackage() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
}

/**
 * @param {string} file
 * @param {(text: string) => string} change
 */
function edit(file, change) {
  const path = join(root, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  return execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/**
 * As `run`, with what it prints where we print.
 * @param {string} program
 * @param {readonly string[]} args
 */
function show(program, args) {
  try {
    execFileSync(program, args, { cwd: root, stdio: 'inherit' })
  } catch {
    fail([`${args.join(' ')} found faults`])
  }
}

/** @param {readonly string[]} faults */
function fail(faults) {
  for (const fault of faults) console.error(`release: ${fault}`)
  process.exit(1)
}
