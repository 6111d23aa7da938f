// @ts-check
import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { LabError } from './lab-error.mjs'

const execute = promisify(execFile)

/**
 * Runs a program to its end; rejects with what it printed when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string, readonly env?: Readonly<Record<string, string>> }} place
 */
export async function run(program, args, { cwd = process.cwd(), env = {} } = {}) {
  try {
    const options = { maxBuffer: 64 << 20, cwd, env: { ...process.env, ...env } }
    return (await execute(program, [...args], options)).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
    throw new Error(`${stdout}${stderr}`.trim() || String(error))
  }
}

/**
 * Starts a server that outlives this process; what it prints goes to a file.
 * @param {{ program: string, args: readonly string[], logFile: string, env?: Record<string, string>, cwd?: string }} options
 * @returns {number} its process id
 */
export function startServer({ program, args, logFile, env = {}, cwd }) {
  const log = openSync(logFile, 'w')
  const child = spawn(program, [...args], {
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  closeSync(log)
  child.unref()
  if (child.pid === undefined) throw new LabError(`${program} could not be started`)
  children.set(child.pid, child)
  return child.pid
}

/**
 * Resolves once `ready` says so; rejects with the end of the log when the server died or took too long.
 * @param {{ name: string, pid: number, logFile: string, timeoutMs: number, ready: () => boolean | Promise<boolean> }} options
 */
export async function waitUntilReady({ name, pid, logFile, timeoutMs, ready }) {
  const deadline = performance.now() + timeoutMs
  while (!(await ready())) {
    if (!isAlive(pid)) throw new LabError(`${name} ended while it started: ${tail(logFile)}`)
    if (performance.now() > deadline)
      throw new LabError(`${name} was not ready after ${timeoutMs} ms: ${tail(logFile)}`)
    await sleep(30)
  }
}

/** @param {string} file */
function tail(file) {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join(' | ')
}

/**
 * Those that this process started: it hears of their end only when every thread of them is gone and their ports are free.
 * @type {Map<number, import('node:child_process').ChildProcess>}
 */
const children = new Map()

/** @param {number} pid */
export function isAlive(pid) {
  const child = children.get(pid)
  if (child) return child.exitCode === null && child.signalCode === null
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/**
 * The command line of a process, empty when there is none: a process id in a file may have been given to somebody else.
 * @param {number} pid
 */
export function commandOf(pid) {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? ''
}

/**
 * SIGTERM, and SIGKILL when that was not heard; resolves when the process is gone.
 * @param {number} pid
 * @param {number} patienceMs
 */
export async function stopServer(pid, patienceMs = 10_000) {
  signal(pid, 'SIGTERM')
  const deadline = performance.now() + patienceMs
  while (isAlive(pid)) {
    if (performance.now() > deadline) signal(pid, 'SIGKILL')
    await sleep(20)
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
export function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It is gone already, which is what every caller wants.
  }
}

/** Below the ports that systems give to outgoing connections: one of those could take a port before its server does. */
const firstPort = 12_000
const lastPort = 31_999

/**
 * Free TCP ports of the loopback interface.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  /** @type {Map<number, import('node:net').Server>} */
  const servers = new Map()
  for (let tries = 0; servers.size < count; tries++) {
    if (tries === 1000) throw new LabError(`no ${count} free ports between ${firstPort} and ${lastPort}`)
    const port = randomInt(firstPort, lastPort + 1)
    const server = await listen(port)
    if (server) servers.set(port, server)
  }
  await Promise.all([...servers.values()].map((server) => new Promise((resolve) => server.close(resolve))))
  return [...servers.keys()]
}

/**
 * @param {number} port
 * @returns {Promise<import('node:net').Server | undefined>}
 */
function listen(port) {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
