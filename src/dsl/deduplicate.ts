import { shown, told } from '../core/shown.ts'
import { bytes } from '../serde/primitives.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreEngine } from '../stores/store-spec.ts'
import { illegalArgument } from '../topology/build-error.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { StreamCore } from './core.ts'
import { changelogOf } from './materialized.ts'
import { checkRequired } from './check-options.ts'
import { type NameOption, nameOf } from './common-options.ts'
import { appendProcessor } from './stream-operators.ts'
import { checkName } from '../topology/names.ts'

/** Options of `deduplicate`. */
export interface DeduplicateOptions<K, V, Id> extends NameOption {
  /**
   * Returns the id of a record: records with the same id are duplicates. A record with null or undefined as
   * its id passes.
   */
  readonly id: (key: K, value: V) => Id | null | undefined
  /** Serde of the ids: their bytes are the keys of the store. */
  readonly idSerde: Serde<Id>
  /** How long an id is remembered, in milliseconds of stream time, before and after the record. */
  readonly ttlMs: number
  /** The reason under which dropped records are counted and logged. Default `duplicate`. */
  readonly reason?: string | undefined
  /**
   * Whether records that are twice `ttlMs` or more behind the newest one pass unchecked, or are dropped and counted.
   * Default pass.
   */
  readonly lateRecords?: 'pass' | 'drop' | undefined
  /** Name of the window store of ids. */
  readonly store: string
  /** Where the ids are kept: `disk` or `memory`. Default: the `engine` of the builder. */
  readonly engine?: StoreEngine | undefined
  /**
   * `false`: no changelog, the ids are lost with the task; an object: topic settings added to the defaults. Default
   * true.
   */
  readonly changelog?: boolean | Readonly<Record<string, string>> | undefined
}

/** Drops records whose id was seen within the time. Ids are remembered by partition: key the stream by what they share. */
export function deduplicateStream(
  core: StreamCore,
  options: DeduplicateOptions<unknown, unknown, unknown>,
): StreamCore {
  const { dsl } = core
  const { ttlMs, lateRecords = 'pass', reason = 'duplicate' } = checkRequired(options, 'deduplicate')
  if (!Number.isSafeInteger(ttlMs) || ttlMs <= 0) {
    throw illegalArgument(
      `ttlMs of deduplicate is ${told(ttlMs)}: it must be a whole number of milliseconds above zero`,
    )
  }
  if (lateRecords !== 'pass' && lateRecords !== 'drop') {
    throw illegalArgument(`lateRecords of deduplicate is ${shown(lateRecords)}: it must be 'pass' or 'drop'`)
  }
  const name = dsl.graph.names.orGenerated(nameOf(options), 'KSTREAM-DEDUPLICATE-')
  const store: StoreDraft = Object.freeze({
    kind: 'window',
    name: checkName(options.store),
    engine: options.engine ?? dsl.engine,
    key: options.idSerde,
    value: bytes(),
    caching: false,
    changelog: changelogOf(options.changelog),
    retentionMs: 2 * ttlMs,
    windowSizeMs: ttlMs,
    retainDuplicates: false,
    timeOrdered: false,
  })
  const id: KeyMapper = options.id
  const node = processorNode(
    name,
    { kind: 'deduplicate', id, ttlMs, store: store.name, reason, lateRecords },
    { stores: [store] },
  )
  return appendProcessor(core, node, 'keeps')
}
