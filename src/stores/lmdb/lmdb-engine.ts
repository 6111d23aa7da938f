import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type RootDatabase, open } from 'lmdb'
import type { Bytes } from '../../core/bytes.ts'
import { knownConsequenceOf, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Engine, EngineBatch, EngineKey, EngineMap } from '../engine.ts'
import { type BatchSize, bytesNeeded, hasLongKeys, noSize, sizeOf, sum } from './batch-size.ts'
import { checkDataFile, checkDataFileInTurns, type FileCheck, markOf } from './data-file.ts'
import { DiskRoom } from './disk-room.ts'
import { closedError, commitFailure, refusedError, stateError } from './lmdb-errors.ts'
import { LmdbMap, type MapWrites } from './lmdb-map.ts'
import { storePrefix } from './stored-row.ts'
import { currentBootId, markClean, markOpen, type Opened, readSidecar, type SidecarState } from './sidecar.ts'

/** Of keys and values in the environment. Values of 1 and 2 had no checksums. */
const formats = { shortKeys: 3, longKeys: 4 } as const
const metaName = 'meta'
const dataName = 'data.mdb'
const databasesMax = 512
const freeBytesSpare = 16 * 1024 * 1024

/**
 * Opens the LMDB environment of a task; what is there and cannot be trusted is deleted first. `check` is what
 * `checkState` said; without it the file is looked at here.
 */
export function openLmdbEngine(
  directory: string,
  logger: Logger,
  freeBytes?: (directory: string) => number,
  check?: FileCheck,
): Engine {
  try {
    return openTrusted(directory, logger, freeBytes, check)
  } catch (error) {
    throw isTold(error) ? error : stateError(directory, error)
  }
}

/** Looks at the file of an environment that is not open, without holding the event loop; undefined: there is none. */
export async function checkState(directory: string): Promise<FileCheck | undefined> {
  const data = join(directory, dataName)
  try {
    if (!existsSync(data)) return undefined
    return isAsItWasClosed(data, readSidecar(directory)) ? { ok: true } : await checkDataFileInTurns(data)
  } catch (error) {
    throw stateError(directory, error)
  }
}

function openTrusted(
  directory: string,
  logger: Logger,
  freeBytes: ((directory: string) => number) | undefined,
  check: FileCheck | undefined,
): Engine {
  mkdirSync(directory, { recursive: true })
  const bootId = currentBootId()
  const reason = whyUntrusted(directory, bootId, check)
  if (reason !== undefined) {
    logger.warn({ directory, reason }, 'local state cannot be trusted: deleting it and restoring from the changelogs')
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
  }
  const sidecar = readSidecar(directory)
  const format = typeof sidecar === 'string' ? formats.shortKeys : sidecar.format
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
    // Without a boot id a lost flush could not be detected, so every commit is flushed.
    noSync: bootId !== '',
  })
  return new LmdbEngine(directory, { format, bootId }, root, new DiskRoom(directory, freeBytes))
}

function whyUntrusted(directory: string, bootId: string, checked: FileCheck | undefined): string | undefined {
  const data = join(directory, dataName)
  if (!existsSync(data)) return undefined
  const sidecar = readSidecar(directory)
  if (sidecar === 'missing' || sidecar === 'damaged') return `the sidecar is ${sidecar}`
  const { format } = sidecar
  if (format !== formats.shortKeys && format !== formats.longKeys) return `the format ${format} is not known`
  if (!sidecar.clean && sidecar.bootId !== bootId) return 'the machine went down before the state was flushed'
  if (isAsItWasClosed(data, sidecar)) return undefined
  const check = checked ?? checkDataFile(data)
  return check.ok ? undefined : check.reason
}

/** Nobody has written to it since: what was read then is read again. */
function isAsItWasClosed(data: string, sidecar: SidecarState): boolean {
  if (typeof sidecar === 'string' || !sidecar.clean || sidecar.file === undefined) return false
  return isDeepStrictEqual(sidecar.file, markOf(data))
}

/**
 * The engine of one task on LMDB: an environment per task directory, a named database per map.
 * ```
 * directory/data.mdb      databases `store/<map>` and `meta`
 * directory/lock.mdb      LMDB's, of no use to us: a directory has one process (`directory-lock.ts`)
 * directory/millrace.json format, boot id, whether it was closed well (`sidecar.ts`)
 * ```
 * Commits are not flushed to the disk while the boot id is known: a crash of the process loses nothing, as the pages
 * are the kernel's, and after a crash of the machine the sidecar shows another boot id, so that the state is deleted
 * and restored. `close` flushes and marks the directory as clean.
 *
 * A batch is one transaction of LMDB. Maps are dropped after it, each in a transaction of its own: a crash in between
 * leaves maps that the meta map no longer names, which `SegmentedState` drops at the next start.
 */
class LmdbEngine implements Engine {
  readonly #directory: string
  readonly #root: RootDatabase
  readonly #room: DiskRoom
  readonly #names: Set<string>
  readonly #maps = new Map<string, LmdbMap>()
  readonly #meta: LmdbMap
  #sidecar: Opened
  #closed = false
  readonly #inFlight = new Set<Promise<void>>()
  /** Batches are LMDB's in the order in which they came. */
  #begun: Promise<void> = Promise.resolve()
  /** Of the batches in flight, and what gives their room back. */
  #size = noSize
  #free: (() => void) | undefined

  constructor(directory: string, sidecar: Opened, root: RootDatabase, room: DiskRoom) {
    this.#directory = directory
    this.#sidecar = sidecar
    this.#root = root
    this.#room = room
    this.#names = this.#guard(() => new Set([...root.getKeys({})].map((key) => nameOf(key as unknown as Buffer))))
    this.#meta = this.#map(metaName)
  }

  get mapNames(): readonly string[] {
    return [...this.#names].filter((name) => name.startsWith(storePrefix)).map((name) => name.slice(storePrefix.length))
  }

  map(name: string): EngineMap {
    return this.#map(storePrefix + name)
  }

  meta(key: string): string | undefined {
    const bytes = this.#meta.get(Buffer.from(key))
    return bytes === undefined ? undefined : Buffer.from(bytes).toString()
  }

  write(batch: EngineBatch): Promise<void> {
    return this.queue(batch, undefined)
  }

  queue(batch: EngineBatch, needs: EngineKey | undefined): Promise<void> {
    const begun = this.#begun.then(() => this.#begin(batch, needs))
    this.#begun = begun.then(
      () => {},
      () => {},
    )
    return begun.then(({ written }) => written)
  }

  /** The batch is LMDB's when it resolves; those before it may be in flight. */
  async #begin(batch: EngineBatch, needs: EngineKey | undefined): Promise<{ readonly written: Promise<void> }> {
    if (this.#closed) throw closedError(this.#directory)
    const maps = [...batch.writes].map(([name, entries]) => ({ map: this.#map(storePrefix + name), entries }))
    const used = [this.#meta, ...maps.map(({ map }) => map)]
    const needed = needs === undefined ? undefined : { map: this.#map(storePrefix + needs.map), key: needs.key }
    if (needed !== undefined) used.push(needed.map)
    // A database that is new takes LMDB's write lock.
    if (used.some(({ isOpen }) => !isOpen)) await Promise.allSettled(this.#inFlight)
    const size = sizeOf(batch)
    this.#guard(() => {
      this.#reserveRoom(size)
      if (hasLongKeys(batch)) this.#noteLongKeys()
      for (const map of used) map.open()
    })
    const written = this.#write(batch, maps, needed).finally(() => {
      this.#inFlight.delete(written)
      this.#release(size)
    })
    this.#inFlight.add(written)
    return { written }
  }

  async #write(
    batch: EngineBatch,
    maps: readonly MapWrites[],
    needed: { readonly map: LmdbMap; readonly key: Bytes } | undefined,
  ): Promise<void> {
    const metaWrites = [...batch.meta].map(([key, text]) => ({ key: Buffer.from(key), value: Buffer.from(text) }))
    const apply = (): void => {
      for (const { map, entries } of maps) map.apply(entries)
      this.#meta.apply(metaWrites)
    }
    const isApplied = await this.#guardAsync(() =>
      needed === undefined ? this.#root.batch(apply) : needed.map.batchIf(needed.key, apply),
    )
    if (!isApplied) throw refusedError(this.#directory)
    for (const name of batch.drops) await this.#drop(storePrefix + name)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#guardAsync(() => this.#root.close())
    const data = join(this.#directory, dataName)
    if (!existsSync(data)) return
    await markClean(this.#directory, data, this.#sidecar)
  }

  async wipe(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      await this.#root.close().catch(() => {})
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** Made on first use; in the environment no earlier than something is written to it. */
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
   * A full disk kills the process once LMDB writes through its map, so there must be room for all that is in flight, as
   * if it were one transaction: it may be one.
   */
  #reserveRoom(size: BatchSize): void {
    this.#free?.()
    const total = sum(this.#size, size)
    const needed = this.#needed(total)
    const free = this.#room.freeBytes
    const isEnough = free >= needed + freeBytesSpare
    if (isEnough) this.#size = total
    this.#free = this.#room.reserve(this.#needed(this.#size))
    if (isEnough) return
    throw new MillraceError(
      'STORE_DISK_FULL',
      'retriable',
      `the disk of ${this.#directory} has ${free} bytes left and a commit of ${total.keys} keys needs up to ${needed + freeBytesSpare}: free some space`,
      { details: { directory: this.#directory } },
    )
  }

  #release(size: BatchSize): void {
    this.#free?.()
    this.#size = sum(this.#size, size, -1)
    this.#free = this.#size.keys === 0 ? undefined : this.#room.reserve(this.#needed(this.#size))
  }

  #needed(size: BatchSize): number {
    return size.keys === 0 ? 0 : bytesNeeded(size, statSync(join(this.#directory, dataName)).size)
  }

  /** Earlier versions would read what is there as if those keys were missing. */
  #noteLongKeys(): void {
    if (this.#sidecar.format === formats.longKeys) return
    this.#sidecar = { ...this.#sidecar, format: formats.longKeys }
    markOpen(this.#directory, this.#sidecar)
  }

  /** Turns errors of LMDB into ours, with their consequence; throws STORE_CLOSED after `close`. */
  #guard<T>(action: () => T): T {
    if (this.#closed) throw closedError(this.#directory)
    try {
      return action()
    } catch (error) {
      throw this.#told(error)
    }
  }

  /** As `#guard`, for writes: a failed commit of LMDB hides its cause, which `commitFailure` finds. */
  async #guardAsync<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw this.#told(await commitFailure(error))
    }
  }

  #told(error: unknown): unknown {
    return isTold(error) ? error : stateError(this.#directory, error)
  }
}

/** It is an error of ours already. */
function isTold(error: unknown): boolean {
  return knownConsequenceOf(error) !== undefined
}

/** Names of databases are stored with a zero byte behind. */
function nameOf(key: Buffer): string {
  return key.toString().replace(/\0$/, '')
}
