import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { type ErrorConsequence, errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import { isDiskFull } from '../../core/full-disk.ts'
import type { Logger } from '../../core/logger.ts'
import { makeDirectory } from '../../core/make-directory.ts'
import type { TaskId } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import { DirectoryLock } from './directory-lock.ts'
import { TaskClaims } from './task-claims.ts'

/** The threads on the event loop of the process, as one; worker threads have their own numbers. */
const hostHolder = 0x7fff_ffff
const originsName = 'changelogs.json'
const positionName = 'position'
const processIdName = 'process-id'
/** Anything else was not written here. */
const processIdPattern = /^\P{Cc}{1,1000}$/u
const taskDirectoryPattern = /^\d+_\d+$/

/**
 * Where tasks keep durable state: `<state directory>/<application id>/<task id>`, as in Kafka Streams. It belongs to
 * one process, and each task's directory in it to one user.
 */
export class StateDirectory {
  readonly #path: string | undefined
  readonly #owners = new Map<string, object>()
  #claims: TaskClaims | undefined
  /** Since when nobody has had a task's directory, as far as this was observed. */
  readonly #unused = new Map<string, { readonly sinceMs: number; readonly uses: number }>()
  readonly #clock: Clock
  #lock: DirectoryLock | undefined

  /** No directory: all state is in memory. */
  constructor(stateDirectory: string | undefined, applicationId: string, clock: Clock, claims?: TaskClaims) {
    this.#clock = clock
    this.#claims = claims
    this.#path = stateDirectory === undefined ? undefined : resolve(stateDirectory, applicationId)
  }

  /** Who has which directory, shared with the worker threads of the process. */
  get claims(): TaskClaims {
    return (this.#claims ??= new TaskClaims(hostHolder))
  }

  /** Of all tasks; undefined where all state is in memory. */
  get path(): string | undefined {
    return this.#path
  }

  taskDirectory(task: TaskId): string | undefined {
    return this.#path === undefined ? undefined : join(this.#path, taskIdText(task))
  }

  /**
   * Makes it and locks it, unless that is done. Rejects with STATE_DIRECTORY_IN_USE and STATE_DIRECTORY_UNUSABLE, which is
   * retriable if the disk is full.
   */
  async prepare(logger: Logger): Promise<void> {
    if (this.#path === undefined || this.#lock !== undefined) return
    try {
      await makeDirectory(this.#path)
      this.#lock = await DirectoryLock.acquire(this.#path, this.#clock)
    } catch (error) {
      throw errorCode(error) === 'STATE_DIRECTORY_IN_USE' ? error : unusable(this.#path, error)
    }
    if (this.#lock !== undefined) return
    logger.warn(
      { directory: this.#path },
      'this file system does not support locks: make sure that only one process uses the state directory',
    )
  }

  /**
   * The id of the process whose state this is: as its first start has kept it here, else this one, which is kept. A
   * restart has the same id. Throws STATE_DIRECTORY_UNUSABLE as `prepare`. The directory must be prepared.
   */
  processId(preset: string): string {
    if (this.#path === undefined) return preset
    const path = join(this.#path, processIdName)
    try {
      const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
      if (processIdPattern.test(kept)) return kept
      writeFileSync(`${path}.new`, `${preset}\n`)
      renameSync(`${path}.new`, path)
      return preset
    } catch (error) {
      throw unusable(this.#path, error)
    }
  }

  /** Others may have it. */
  async release(): Promise<void> {
    const lock = this.#lock
    this.#lock = undefined
    await lock?.release()
  }

  /** Takes a task's directory for an owner; false while somebody else has it. */
  claim(task: TaskId, owner: object): boolean {
    const idText = taskIdText(task)
    const current = this.#owners.get(idText)
    if (current !== undefined && current !== owner) return false
    if (current === undefined && this.#path !== undefined && !this.claims.take(task)) return false
    this.#owners.set(idText, owner)
    return true
  }

  /**
   * Takes it as `claim` does, and makes it; undefined where all state is in memory. Throws TASK_DIRECTORY_IN_USE and
   * STATE_DIRECTORY_UNUSABLE, both retriable.
   */
  open(task: TaskId, owner: object): string | undefined {
    const directory = this.taskDirectory(task)
    if (directory === undefined) return undefined
    if (!this.claim(task, owner)) throw taskInUse(taskIdText(task), directory)
    try {
      mkdirSync(directory, { recursive: true })
    } catch (error) {
      throw unusable(directory, error, 'retriable')
    }
    return directory
  }

  giveBack(task: TaskId, owner: object): void {
    const idText = taskIdText(task)
    if (this.#owners.get(idText) !== owner) return
    this.#owners.delete(idText)
    if (this.#path === undefined) return
    this.#noteUnused(task)
    this.claims.free(task)
  }

  /**
   * How far the state of tasks here is, as it was noted last: state is not opened for it, and may be further. 0 where
   * nothing was noted. Read from disk each time.
   */
  positions(): ReadonlyMap<string, number> {
    const usable = this.#names().filter((name) => !this.isDamaged(taskIdOf(name)))
    return new Map(usable.map((name) => [name, this.#position(name)]))
  }

  #position(name: string): number {
    try {
      const position = Number(readFileSync(join(this.#path ?? '', name, positionName), 'utf8'))
      return Number.isSafeInteger(position) ? position : 0
    } catch {
      return 0
    }
  }

  /** `position`: the sum of the offsets that its stores have reached in their changelogs. */
  notePosition(task: TaskId, position: number): void {
    try {
      writeFileSync(join(this.taskDirectory(task) ?? '', positionName), `${position}\n`)
    } catch {
      // Less is known of the state than there is; whatever is wrong with the disk shows where state is written.
    }
  }

  #names(): readonly string[] {
    if (this.#path === undefined) return []
    try {
      return readdirSync(this.#path).filter((name) => taskDirectoryPattern.test(name))
    } catch {
      return []
    }
  }

  /** Deletes state that nobody had open for so long, as far as this was observed; what cannot be deleted is logged. */
  async removeUnused(delayMs: number, logger: Logger): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    for (const name of this.#names()) {
      const task = taskIdOf(name)
      const seen = this.#unused.get(name)
      const isUnused = seen !== undefined && seen.uses === this.claims.usesOf(task)
      const sinceMs = isUnused ? seen.sinceMs : this.#noteUnused(task)
      if (nowMs - sinceMs < delayMs || !this.claim(task, this)) continue
      try {
        await this.removeTask(task)
        logger.info({ task: name }, 'deleted the state of a task that moved away')
      } catch (error) {
        logger.warn(
          { task: name, error: errorMessage(error) },
          'could not delete the state of a task that moved away, retrying later',
        )
      } finally {
        this.giveBack(task, this)
      }
    }
  }

  #noteUnused(task: TaskId): number {
    const sinceMs = this.#clock.monotonicMs()
    this.#unused.set(taskIdText(task), { sinceMs, uses: this.claims.usesOf(task) })
    return sinceMs
  }

  /** What is there is not to be opened any more: `removeTask` comes first. */
  noteDamaged(task: TaskId): void {
    this.claims.noteDamaged(task, true)
  }

  isDamaged(task: TaskId): boolean {
    return this.#path !== undefined && this.claims.isDamaged(task)
  }

  /** What a task's state was built from and how it lies there, by name; empty where that was not noted. */
  origins(task: TaskId): ReadonlyMap<string, string> {
    try {
      const text = readFileSync(join(this.taskDirectory(task) ?? '', originsName), 'utf8')
      return new Map(Object.entries(JSON.parse(text) as Record<string, string>))
    } catch {
      return new Map()
    }
  }

  /** Throws STATE_NOT_WRITTEN (retriable). */
  noteOrigins(task: TaskId, origins: ReadonlyMap<string, string>): void {
    const directory = this.taskDirectory(task)
    // Without a directory all of its stores are in memory.
    if (directory === undefined || !existsSync(directory)) return
    const path = join(directory, originsName)
    try {
      writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(origins)))
      renameSync(`${path}.new`, path)
    } catch (cause) {
      const sentence = `${path} cannot be written (${errorMessage(cause)}): free space on its disk, or give the process access to it`
      const details = { taskId: taskIdText(task), directory }
      throw new MillraceError('STATE_NOT_WRITTEN', 'retriable', sentence, { cause, details })
    }
  }

  /** Rejects with STATE_NOT_DELETED (retriable). */
  async removeTask(task: TaskId): Promise<void> {
    const directory = this.taskDirectory(task)
    try {
      if (directory !== undefined) await rm(directory, { recursive: true, force: true })
    } catch (cause) {
      const sentence = `the state in ${directory} cannot be deleted (${errorMessage(cause)}): delete it, or give the process access to it`
      const details = { taskId: taskIdText(task), directory }
      throw new MillraceError('STATE_NOT_DELETED', 'retriable', sentence, { cause, details })
    }
    this.claims.noteDamaged(task, false)
  }
}

function taskIdOf(name: string): TaskId {
  const [subtopology = 0, partition = 0] = name.split('_').map(Number)
  return { subtopology, partition }
}

/** Another thread of the process still has it, as when it was fenced within a long commit. */
export function taskInUse(taskId: string, directory: string | undefined): MillraceError {
  return new MillraceError(
    'TASK_DIRECTORY_IN_USE',
    'retriable',
    `the state of task ${taskId} in ${directory} is still open in another thread: it is opened after that thread has closed it`,
    { details: { taskId, directory } },
  )
}

function unusable(
  directory: string,
  cause: unknown,
  consequence: ErrorConsequence = isDiskFull(cause) ? 'retriable' : 'fatal',
): MillraceError {
  return new MillraceError(
    'STATE_DIRECTORY_UNUSABLE',
    consequence,
    `the state directory ${directory} cannot be used (${errorMessage(cause)}): give the process access to it, free space on its disk, or set another stateDirectory`,
    { cause, details: { directory } },
  )
}
