import type { Bytes } from '../core/bytes.ts'
import type { Direction } from './direction.ts'
import type { EngineEntry, EngineMap } from './engine.ts'
import { Row, type RowCursor } from './row.ts'
import type { ValueFormat } from './value-format.ts'

/** An engine's entries as rows that belong to no table, read in pages that grow: no engine iterator stays open. */
export class EngineCursor implements RowCursor {
  readonly #map: EngineMap
  readonly #format: ValueFormat
  readonly #from: Bytes | undefined
  readonly #to: Bytes | undefined
  readonly #direction: Direction
  readonly #scope: 'range' | 'key'
  #after: Bytes | undefined
  #page: Row[] = []
  #index = 0
  #pageRows = 16
  #ended = false

  /** `key`: only rows that differ from both bounds in their last 16 bytes are looked for. */
  constructor(
    map: EngineMap,
    format: ValueFormat,
    from: Bytes | undefined,
    to: Bytes | undefined,
    direction: Direction,
    scope: 'range' | 'key' = 'range',
  ) {
    this.#scope = scope
    this.#map = map
    this.#format = format
    this.#from = from
    this.#to = to
    this.#direction = direction
  }

  next(): Row | undefined {
    if (this.#index === this.#page.length && !this.#ended) this.#readPage()
    return this.#page[this.#index++]
  }

  #readPage(): void {
    const entries = this.#read()
    this.#ended = entries.length < this.#pageRows
    this.#pageRows = Math.min(512, this.#pageRows * 4)
    this.#after = entries.at(-1)?.key
    this.#page = entries.map(
      (entry) => new Row(entry.key, 0, this.#format.value(entry.value), this.#format.timestamp(entry.value)),
    )
    this.#index = 0
  }

  #read(): EngineEntry[] {
    const [from, to] = [this.#from, this.#to]
    if (this.#scope === 'key' && from !== undefined && to !== undefined) {
      return this.#map.readOfKey(from, to, this.#direction, this.#after, this.#pageRows)
    }
    return this.#map.read(from, to, this.#direction, this.#after, this.#pageRows)
  }
}
