// @ts-check
import { connect } from 'node:net'
import { join } from 'node:path'
import { findOnPath } from '../lab/java.mjs'
import { startServer, waitUntilReady } from '../lab/processes.mjs'

/** Why Redis cannot run here; undefined when it can. */
export function redisUnavailable() {
  return findOnPath('redis-server') ? undefined : 'redis-server was not found: install redis-server'
}

/**
 * Starts a server that has on disk what it has acknowledged; resolves to its process id when it answers.
 * @param {{ port: number, folder: string, args?: readonly string[], started?: (pid: number) => void }} options
 */
export async function startRedisProcess({ port, folder, args = [], started = () => {} }) {
  const logFile = join(folder, 'redis.log')
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder]
  const pid = startServer({ program: 'redis-server', args: [...place, ...durable, ...args], logFile, cwd: folder })
  started(pid)
  await waitUntilReady({ name: 'Redis', pid, logFile, timeoutMs: 30_000, ready: () => answers(port) })
  return pid
}

/**
 * It answers a command, also one that wants a password, when it has loaded what it had.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (/** @type {boolean} */ isReady) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(1000, () => end(false))
    socket.once('error', () => end(false))
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (answer) => end(/^(\+PONG|-NOAUTH)/.test(answer.toString())))
  })
}
