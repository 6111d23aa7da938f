import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { errorCode, MillraceError } from '../../core/errors.ts'

const waitMs = 3000
const retryMs = 100
/** What fits the address of a socket on every system. */
const addressBytesMax = 100
const lockPattern = /^lock-(\d+)-(.*)-[0-9a-f]+$/
/** The file system has no sockets. */
const unsupported: ReadonlySet<unknown> = new Set(['EOPNOTSUPP', 'ENOTSUP', 'EPERM', 'EINVAL', 'ENOSYS'])

/**
 * Holds a directory for this process. The lock is a socket that listens in it: the system closes it with the process,
 * however that ends, and others can check it by connecting, also from a container with separate process ids.
 *
 * Everybody announces itself before it looks for others, under a name that is never used again, so two cannot both find
 * the directory free, and what is dead can be deleted by anybody.
 */
export class DirectoryLock {
  readonly #server: Server
  readonly #path: string

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
  }

  /**
   * Waits a little for the one before. Rejects with STATE_DIRECTORY_IN_USE; resolves with undefined where there are no
   * locks.
   */
  static async acquire(directory: string, clock: Clock): Promise<DirectoryLock | undefined> {
    const folder = join(directory, '.lock')
    await mkdir(folder, { recursive: true })
    const deadlineMs = clock.monotonicMs() + waitMs
    for (;;) {
      const own = await announce(folder)
      if (own === undefined) return undefined
      const lock = new DirectoryLock(own.server, join(folder, own.name))
      const other = await liveOther(folder, own.name).catch(async (error: unknown) => {
        await lock.release()
        throw error
      })
      if (other === undefined) return lock
      await lock.release()
      if (clock.monotonicMs() >= deadlineMs) throw inUse(directory, folder, other)
      await clock.sleep(retryMs + Math.random() * retryMs)
    }
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true })
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** Listens under another name first: one that is found must answer. */
async function announce(folder: string): Promise<{ readonly server: Server; readonly name: string } | undefined> {
  const random = randomBytes(6).toString('hex')
  const name = `lock-${process.pid}-${hostname().slice(0, 24)}-${random}`
  const server = createServer((socket) => socket.destroy())
  server.unref()
  try {
    await atAddress(folder, `draft-${random}`, (address) => listening(server, address))
  } catch (error) {
    if (unsupported.has(errorCode(error))) return undefined
    throw error
  }
  await rename(join(folder, `draft-${random}`), join(folder, name))
  return { server, name }
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
}

/** The name of one that answers; those that do not are deleted. */
async function liveOther(folder: string, own: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    if (name === own || !lockPattern.test(name)) continue
    if (await atAddress(folder, name, answers)) return name
    await rm(join(folder, name), { force: true })
  }
  return undefined
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Anything else than nobody's: it is there and does not let us in.
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(errorCode(error) ?? '')))
  })
}

/** A path that is too long for an address is reached by a short one. */
async function atAddress<T>(folder: string, name: string, use: (address: string) => Promise<T>): Promise<T> {
  const path = join(folder, name)
  if (Buffer.byteLength(path) <= addressBytesMax) return use(path)
  const detour = await mkdtemp(join(tmpdir(), 'millrace-'))
  try {
    await symlink(folder, join(detour, 'd'))
    return await use(join(detour, 'd', name))
  } finally {
    await rm(detour, { recursive: true, force: true })
  }
}

function inUse(directory: string, folder: string, name: string): MillraceError {
  const [, pid = '', host = ''] = lockPattern.exec(name) ?? []
  const isOwn = pid === String(process.pid) && host === hostname().slice(0, 24)
  const holder = isOwn ? `another application in this process (${pid})` : `process ${pid} on ${host}`
  return new MillraceError(
    'STATE_DIRECTORY_IN_USE',
    'fatal',
    `the state directory ${directory} is in use by ${holder} (${join(folder, name)}): give each process its own stateDirectory, or stop the other one`,
    { details: { directory, holder } },
  )
}
