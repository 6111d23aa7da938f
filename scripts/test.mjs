// @ts-check
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { packageRoot } from './lab/folders.mjs'
import { ensureInstalled } from './setup.mjs'
import { startSharedServers } from './shared-servers.mjs'

/**
 * Everything that says whether this tree is good: the checks, then the tests in two phases. Ends with one line alone,
 * `N passed, N failed, N skipped`, below the suites that took longest; a check counts as one test.
 */
const checks = ['typecheck', 'lint', 'format:check', 'layers', 'unused', 'api:check']

/** Quick tests run side by side; whatever else is under test/ talks to real servers, one suite after the other. */
const quickFolders = ['unit', 'conformance', 'types', 'simulation', 'docs']
const minutes = 60_000

const root = packageRoot()
const quick = quickFolders.map((name) => `<rootDir>/test/${name}/`)
const totals = { passed: 0, failed: 0, skipped: 0 }
/** @type {string[]} */
const skippedSuites = []
/** @type {{ seconds: number, suite: string }[]} */
const durations = []
const slowestShown = 15

ensureInstalled()
for (const check of checks) {
  const code = await command(`check ${check}`, 'npm', ['run', '--silent', check], 5 * minutes)
  count(code === 0 ? { passed: 1 } : { failed: 1 })
}
await jest('unit', ['--maxWorkers=2', '--testPathPatterns', `test/(${quickFolders.join('|')})/`], 40 * minutes)
const servers = await startSharedServers()
try {
  const rest = ['--maxWorkers=1', '--testPathIgnorePatterns', ...quick, '/node_modules/']
  await jest('integration', rest, 60 * minutes, servers.environment)
} finally {
  await servers.stop()
}

durations.sort((left, right) => right.seconds - left.seconds)
for (const { seconds, suite } of durations.slice(0, slowestShown)) console.log(`${seconds.toFixed(0)} s: ${suite}`)
for (const suite of skippedSuites) console.log(`skipped: ${suite}`)
// The mark of test/support/require-server.ts.
const isMissed = skippedSuites.some((suite) => !suite.includes('SKIPPED, optional'))
if (totals.failed > 0 || (process.env.CI === 'true' && isMissed)) process.exitCode = 1
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)

/**
 * @param {string} phase
 * @param {readonly string[]} options
 * @param {number} timeoutMs
 * @param {Record<string, string>} environment
 */
async function jest(phase, options, timeoutMs, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const report = join(folder, 'report.json')
  const args = [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--json', `--outputFile=${report}`, ...options]
  const code = await command(`tests ${phase}`, process.execPath, args, timeoutMs, {
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    ...environment,
  })
  const counted = existsSync(report) ? readReport(report) : { passed: 0, failed: 0, skipped: 0 }
  if (code !== 0 && counted.failed === 0) counted.failed = 1
  count(counted)
  rmSync(folder, { recursive: true, force: true })
}

/**
 * @typedef {{ status: string, fullName: string, ancestorTitles: string[] }} Assertion
 * @typedef {{ name: string, startTime: number, endTime: number, assertionResults: Assertion[] }} Suite
 * @typedef {{
 *   numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   numRuntimeErrorTestSuites: number, testResults: Suite[]
 * }} Report
 */

/**
 * What a skipped test is named by: the suite that test/support/require-server.ts has marked, else the outermost one.
 * @param {Assertion} assertion
 */
function suiteOf({ ancestorTitles, fullName }) {
  return ancestorTitles.find((title) => title.includes('SKIPPED,')) ?? ancestorTitles[0] ?? fullName
}

/** @param {string} file */
function readReport(file) {
  const report = /** @type {Report} */ (JSON.parse(readFileSync(file, 'utf8')))
  const pending = report.testResults
    .flatMap((suite) => suite.assertionResults)
    .filter(({ status }) => status === 'pending')
  skippedSuites.push(...new Set(pending.map(suiteOf)))
  for (const { name, startTime, endTime } of report.testResults)
    durations.push({ seconds: (endTime - startTime) / 1000, suite: relative(root, name) })
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** @param {{ passed?: number, failed?: number, skipped?: number }} more */
function count({ passed = 0, failed = 0, skipped = 0 }) {
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
}

/**
 * Runs a program with its output shown; resolves to its exit code, 1 when it had to be killed.
 * @param {string} title
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} timeoutMs
 * @param {Record<string, string>} environment
 */
async function command(title, program, args, timeoutMs, environment = {}) {
  const started = performance.now()
  const child = spawn(program, [...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1))
    child.on('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.error(`${code === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)`)
  return code
}
