import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { compareBytes } from '../core/bytes.ts'
import { MillraceError } from '../core/errors.ts'
import type { Engine, EngineBatch, EngineEntry, EngineKey, EngineMap, OpenEngine } from '../stores/engine.ts'

interface DirectoryContents {
  readonly maps: Map<string, EngineEntry[]>
  readonly meta: Map<string, string>
}

/**
 * A disk for simulations: engines on it keep what was written for whoever opens the directory next, as long as the
 * directory is there, and nothing ever waits for a device.
 */
export class MemoryDisk {
  readonly #directories = new Map<string, DirectoryContents>()

  readonly openEngine: OpenEngine = (directory) => {
    if (!existsSync(directory)) this.#directories.delete(directory)
    mkdirSync(directory, { recursive: true })
    const contents = this.#directories.get(directory) ?? { maps: new Map(), meta: new Map() }
    this.#directories.set(directory, contents)
    return new MemoryEngine(contents, () => {
      this.#directories.delete(directory)
      rmSync(directory, { recursive: true, force: true })
    })
  }
}

class MemoryEngine implements Engine {
  readonly mapNames: readonly string[]
  readonly #contents: DirectoryContents
  readonly #remove: () => void

  constructor(contents: DirectoryContents, remove: () => void) {
    this.#contents = contents
    this.#remove = remove
    this.mapNames = [...contents.maps.keys()]
  }

  map(name: string): EngineMap {
    const entries = (): readonly EngineEntry[] => this.#contents.maps.get(name) ?? []
    const read: EngineMap['read'] = (from, to, direction, after, limit) => {
      const isBeyond = (key: Uint8Array) =>
        after === undefined || (direction === 'backward' ? compareBytes(key, after) < 0 : compareBytes(key, after) > 0)
      const found = entries().filter(
        ({ key }) =>
          (from === undefined || compareBytes(key, from) >= 0) &&
          (to === undefined || compareBytes(key, to) <= 0) &&
          isBeyond(key),
      )
      return (direction === 'backward' ? found.reverse() : found).slice(0, limit)
    }
    return {
      get: (key) => entries().find((entry) => compareBytes(entry.key, key) === 0)?.value,
      read,
      readOfKey: (from, to, direction, after, limit) => read(from, to, direction, after, limit),
      get approximateCount() {
        return entries().length
      },
    }
  }

  meta(key: string): string | undefined {
    return this.#contents.meta.get(key)
  }

  async write({ writes, drops, meta }: EngineBatch): Promise<void> {
    const { maps } = this.#contents
    for (const name of drops) maps.delete(name)
    for (const [name, rows] of writes) {
      const entries = [...rows]
      const written = new Set(entries.map(({ key }) => textOf(key)))
      const kept = (maps.get(name) ?? []).filter(({ key }) => !written.has(textOf(key)))
      for (const { key, value } of entries)
        if (value !== null) kept.push({ key: new Uint8Array(key), value: new Uint8Array(value) })
      maps.set(
        name,
        kept.sort((left, right) => compareBytes(left.key, right.key)),
      )
    }
    for (const [key, text] of meta) this.#contents.meta.set(key, text)
  }

  async queue(batch: EngineBatch, needs: EngineKey | undefined): Promise<void> {
    if (needs !== undefined && this.map(needs.map).get(needs.key) === undefined) {
      throw new MillraceError(
        'STORE_UNAVAILABLE',
        'retriable',
        'rows were not written, because those before them were not: they are written again',
      )
    }
    await this.write(batch)
  }

  async close(): Promise<void> {}

  async wipe(): Promise<void> {
    this.#remove()
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
