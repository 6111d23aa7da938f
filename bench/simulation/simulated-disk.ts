import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../../src/core/logger.ts'
import { createTaskStores } from '../../src/stores/create-task-stores.ts'
import type { Engine, OpenEngine } from '../../src/stores/engine.ts'
import { checkState, openLmdbEngine } from '../../src/stores/lmdb/lmdb-engine.ts'
import type { OpenTaskStores } from '../../src/stores/task-stores.ts'
import { MemoryDisk } from '../../src/testing/memory-engine.ts'
import type { Scene } from './history.ts'
import type { Link } from './link.ts'

/**
 * The disks of all processes. What is asked of them is done between two turns, one after the other in the order in which
 * it was asked: a real disk takes its time, and what it does is the same each time.
 */
export class SimulatedDisk {
  readonly #kind: Scene['disk']
  readonly #folder: string
  readonly #memory = new MemoryDisk()
  #waiting: (() => Promise<() => void>)[] = []

  constructor(kind: Scene['disk'], folder: string) {
    this.#kind = kind
    this.#folder = folder
  }

  /** Does what was asked, and returns how to tell whoever asked. */
  async work(): Promise<readonly (() => void)[]> {
    const waiting = this.#waiting
    this.#waiting = []
    const told: (() => void)[] = []
    for (const act of waiting) told.push(await act())
    return told
  }

  #later<T>(act: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(async () => {
        try {
          const result = await act()
          return () => resolve(result)
        } catch (error) {
          return () => reject(error)
        }
      })
    })
  }

  /** The stores of a process. */
  storesOf(processId: string, link: Link): OpenTaskStores {
    if (this.#kind === 'none') return createTaskStores
    return (options) =>
      this.#later(async () => {
        const directory = join(this.#folder, processId, options.taskId)
        const openEngine = await this.#opener(directory)
        return createTaskStores({
          ...options,
          directory,
          openEngine: (path, logger) => this.#behind(openEngine(path, logger), link),
        })
      })
  }

  async #opener(directory: string): Promise<OpenEngine> {
    if (this.#kind === 'memory') return this.#memory.openEngine
    const check = await checkState(directory)
    return (path: string, logger: Logger) => openLmdbEngine(path, logger, undefined, check)
  }

  /** The engine, as far as the process lives and its disk is well. */
  #behind(engine: Engine, link: Link): Engine {
    return {
      map: (name) => engine.map(name),
      mapNames: engine.mapNames,
      meta: (key) => engine.meta(key),
      write: async (batch) => {
        await link.beforeWrite()
        await this.#later(() => engine.write(batch))
        await link.pass()
      },
      queue: (batch, needs) => this.#later(() => engine.queue?.(batch, needs)),
      close: () => this.#later(() => engine.close()),
      wipe: () => this.#later(() => engine.wipe()),
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
