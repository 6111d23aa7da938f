import type { Logger } from '../src/index.ts'
import { isFields, parseJson } from '../src/pipelines/index.ts'
import { FieldPaths } from './field-paths.ts'
import type { Mappings } from './shape-mappings.ts'
import { withUnmapped } from './unmapped-fields.ts'

/** Logs of more days do not come at once. */
const indicesMax = 64

/**
 * Bounds the fields that documents add to an index: a mapping is never smaller again, and one with too many refuses
 * documents. Fields beyond the bound are kept in the object that is not indexed. One warning for each index.
 */
export class FieldGuard {
  readonly #mappings: Mappings
  readonly #fieldsMax: number
  readonly #logger: Logger
  /** By index; the one that was first seen longest ago first. */
  readonly #paths = new Map<string, FieldPaths>()
  readonly #warned = new Set<string>()

  constructor(mappings: Mappings, fieldsMax: number, logger: Logger) {
    this.#mappings = mappings
    this.#fieldsMax = fieldsMax
    this.#logger = logger
  }

  /** The document as its index may have it. */
  fitted(index: string, document: string): string {
    const paths = this.#paths.get(index) ?? this.#newPaths(index)
    if (paths.add(document)) return document
    const [log] = parseJson(document)?.values ?? []
    if (!isFields(log)) return document
    this.#warn(index)
    const { kept, more } = paths.split(log)
    return withUnmapped(kept, more)
  }

  #newPaths(index: string): FieldPaths {
    const paths = new FieldPaths(this.#mappings, this.#fieldsMax)
    this.#paths.set(index, paths)
    for (const oldest of this.#paths.keys()) {
      if (this.#paths.size <= indicesMax) break
      this.#paths.delete(oldest)
      this.#warned.delete(oldest)
    }
    return paths
  }

  #warn(index: string): void {
    if (this.#warned.has(index)) return
    this.#warned.add(index)
    const text = 'logs have more fields than an index may get: what is beyond is kept unindexed'
    this.#logger.warn({ index, fieldsMax: this.#fieldsMax }, text)
  }
}
