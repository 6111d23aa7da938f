import { existsSync, mkdirSync, rmSync, statSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { type RootDatabase, open } from 'lmdb'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Engine, EngineBatch, EngineMap } from '../engine.ts'
import { checkDataFile, pageBytes } from './data-file.ts'
import { LmdbMap } from './lmdb-map.ts'
import { currentBootId, markClean, markOpen, readSidecar } from './sidecar.ts'

/** Of keys and values in the environment. */
const format = 1
const metaName = 'meta'
const databasesMax = 512
const walkBytesMax = 512 * 1024 * 1024
const freeBytesSpare = 16 * 1024 * 1024

/** Opens the LMDB environment of a task; what is there and cannot be trusted is deleted first. */
export function openLmdbEngine(
  directory: string,
  logger: Logger,
  freeBytes: (directory: string) => number = freeBytesOf,
): Engine {
  mkdirSync(directory, { recursive: true })
  const bootId = currentBootId()
  const reason = whyUntrusted(directory, bootId)
  if (reason !== undefined) {
    logger.warn({ directory, reason }, 'local state cannot be trusted: it is deleted and restored from the changelogs')
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
  }
  markOpen(directory, { format, bootId })
  const root = open({
    path: directory,
    noSubdir: false,
    maxDbs: databasesMax,
    keyEncoding: 'binary',
    encoding: 'binary',
    cache: false,
    noMemInit: true,
    useWritemap: true,
    overlappingSync: false,
    // Without a boot id a lost flush could not be told, so every commit is flushed.
    noSync: bootId !== '',
  })
  return new LmdbEngine(directory, bootId, root, freeBytes)
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

function whyUntrusted(directory: string, bootId: string): string | undefined {
  const data = join(directory, 'data.mdb')
  if (!existsSync(data)) return undefined
  const sidecar = readSidecar(directory)
  if (sidecar === 'missing' || sidecar === 'damaged') return `the sidecar is ${sidecar}`
  if (sidecar.format !== format) return `the format is ${sidecar.format}, not ${format}`
  if (!sidecar.clean && sidecar.bootId !== bootId) return 'the machine went down before the state was flushed'
  const check = checkDataFile(data, walkBytesMax)
  return check.ok ? undefined : check.reason
}

class LmdbEngine implements Engine {
  readonly #directory: string
  readonly #bootId: string
  readonly #root: RootDatabase
  readonly #freeBytes: (directory: string) => number
  readonly #names: Set<string>
  readonly #maps = new Map<string, LmdbMap>()
  readonly #meta: LmdbMap
  #closed = false

  constructor(directory: string, bootId: string, root: RootDatabase, freeBytes: (directory: string) => number) {
    this.#freeBytes = freeBytes
    this.#directory = directory
    this.#bootId = bootId
    this.#root = root
    this.#names = this.#guard(() => new Set([...root.getKeys({})].map((key) => nameOf(key as unknown as Buffer))))
    this.#meta = this.#map(metaName)
  }

  map(name: string): EngineMap {
    return this.#map(`store/${name}`)
  }

  meta(key: string): string | undefined {
    const bytes = this.#meta.get(Buffer.from(key))
    return bytes === undefined ? undefined : Buffer.from(bytes).toString()
  }

  async write(batch: EngineBatch): Promise<void> {
    if (this.#closed) throw new MillraceError('STORE_CLOSED', 'fatal', `the state in ${this.#directory} is closed`)
    this.#requireFreeSpace(batch)
    const metaWrites = [...batch.meta].map(([key, text]) => ({ key: Buffer.from(key), value: Buffer.from(text) }))
    const writes = [...batch.writes].map(([name, entries]) => ({ map: this.#map(`store/${name}`), entries }))
    this.#guard(() => {
      this.#meta.open()
      for (const { map } of writes) map.open()
    })
    await this.#guardAsync(() =>
      this.#root.batch(() => {
        for (const { map, entries } of writes) map.apply(entries)
        this.#meta.apply(metaWrites)
      }),
    )
    for (const name of batch.drops) await this.#drop(`store/${name}`)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#guardAsync(() => this.#root.close())
    const data = join(this.#directory, 'data.mdb')
    if (!existsSync(data)) return
    await markClean(this.#directory, data, { format, bootId: this.#bootId })
  }

  async wipe(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      await this.#root.close().catch(() => {})
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #map(name: string): LmdbMap {
    let map = this.#maps.get(name)
    if (map === undefined) {
      map = new LmdbMap(this.#root, name, this.#names.has(name), (read) => this.#guard(read))
      this.#maps.set(name, map)
    }
    return map
  }

  async #drop(name: string): Promise<void> {
    await this.#guardAsync(() => this.#map(name).drop())
    this.#maps.delete(name)
    this.#names.delete(name)
  }

  /**
   * A full disk kills the process once LMDB writes through its map, so there must be room for every page that the batch
   * may copy: a path of three pages for each key, but no more than all pages there are and all that is added.
   */
  #requireFreeSpace(batch: EngineBatch): void {
    let keys = batch.meta.size
    let bytes = 0
    for (const entries of batch.writes.values()) {
      keys += entries.length
      for (const { key, value } of entries) bytes += key.length + (value?.length ?? 0) + 64
    }
    const pages = Math.min(3 * keys, statSync(join(this.#directory, 'data.mdb')).size / pageBytes)
    const needed = pages * pageBytes + 2 * bytes + freeBytesSpare
    const free = this.#freeBytes(this.#directory)
    if (free >= needed) return
    throw new MillraceError(
      'STORE_DISK_FULL',
      'retriable',
      `the disk of ${this.#directory} has ${free} bytes left and a commit of ${keys} keys needs up to ${Math.ceil(needed)}: free some space`,
      { details: { directory: this.#directory } },
    )
  }

  #guard<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw this.#damaged(error)
    }
  }

  async #guardAsync<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw this.#damaged(error)
    }
  }

  #damaged(cause: unknown): MillraceError {
    return new MillraceError(
      'STORE_DAMAGED',
      'task-corrupted',
      `the state in ${this.#directory} cannot be used (${errorMessage(cause)}): it has to be deleted and restored`,
      { cause, details: { directory: this.#directory } },
    )
  }
}

/** Names of databases are stored with a zero byte behind. */
function nameOf(key: Buffer): string {
  return key.toString().replace(/\0$/, '')
}
