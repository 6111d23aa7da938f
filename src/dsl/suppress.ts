import { shown, told } from '../core/shown.ts'
import { illegalArgument, topologyInvalid } from '../topology/build-error.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { TableCore } from './core.ts'
import { changelogOf } from './materialized.ts'
import { checkRequired } from './check-options.ts'
import { type NameOption, nameOf } from './common-options.ts'

interface BufferOptions extends NameOption {
  /** Default: no bound. */
  readonly bufferedRecordsMax?: number | undefined
  readonly bufferedBytesMax?: number | undefined
  readonly changelog?: boolean | Readonly<Record<string, string>> | undefined
}

/** When a table's changes are forwarded. Created by `untilWindowCloses` and `untilTimeLimit`. */
export type Suppressed = Readonly<
  Pick<BufferOptions, 'name' | 'changelog'> & {
    /** Whether results are held until the window closes, or for a limited time. */
    readonly kind: 'window-close' | 'time-limit'
    /** The longest time that a change is held, in milliseconds; 0 with `window-close`. */
    readonly limitMs: number
    /** The most keys that the buffer holds; Infinity: no limit. */
    readonly recordsMax: number
    /** The most bytes that the buffer holds, as Kafka Streams estimates them; Infinity: no limit. */
    readonly bytesMax: number
    /** Whether a full buffer emits its oldest change early, or fails the record with SUPPRESS_BUFFER_FULL. */
    readonly whenFull: 'emit' | 'shut-down'
  }
>

/** Emits one final result per window. A bounded buffer stops the task when it is full: results must not come early. */
export function untilWindowCloses(options: BufferOptions = {}): Suppressed & { readonly kind: 'window-close' } {
  return suppressed(options, 'window-close', 0, 'shut-down')
}

/**
 * Emits the latest change of a key at most `limitMs` after its first change. When a bounded buffer is full, `whenFull`
 * decides: emit early, or fail.
 */
export function untilTimeLimit(
  options: BufferOptions & { readonly limitMs: number; readonly whenFull?: 'emit' | 'shut-down' | undefined },
): Suppressed {
  const { limitMs, whenFull = 'emit' } = checkRequired(options, 'untilTimeLimit')
  // A negative limit is one of none, as in Kafka Streams.
  if (!Number.isSafeInteger(limitMs)) {
    throw illegalArgument(`limitMs of suppress is ${told(limitMs)}: it must be a whole number of milliseconds`)
  }
  if (whenFull !== 'emit' && whenFull !== 'shut-down') {
    throw illegalArgument(`whenFull of suppress is ${shown(whenFull)}: it must be 'emit' or 'shut-down'`)
  }
  return suppressed(options, 'time-limit', limitMs, whenFull)
}

function suppressed<Kind extends Suppressed['kind']>(
  options: BufferOptions,
  kind: Kind,
  limitMs: number,
  whenFull: Suppressed['whenFull'],
): Suppressed & { readonly kind: Kind } {
  const recordsMax = boundOf('bufferedRecordsMax', options.bufferedRecordsMax)
  const bytesMax = boundOf('bufferedBytesMax', options.bufferedBytesMax)
  return Object.freeze({
    name: nameOf(options),
    changelog: options.changelog,
    kind,
    limitMs,
    recordsMax,
    bytesMax,
    whenFull,
  })
}

/** A bound that no count exceeds, as NaN and texts are, would be none. */
function boundOf(option: string, bound = Number.POSITIVE_INFINITY): number {
  if (bound === Number.POSITIVE_INFINITY || (Number.isSafeInteger(bound) && bound >= 0)) return bound
  throw illegalArgument(`${option} of suppress is ${shown(bound)}: it must be a whole number, at least 0`)
}

/**
 * suppress(): appends a suppress node with its buffer. Throws TOPOLOGY_INVALID behind versioned tables, and for
 * `untilWindowCloses` without windowed aggregation upstream.
 */
export function suppressTable(core: TableCore, until: Suppressed): TableCore {
  if (until?.kind !== 'window-close' && until?.kind !== 'time-limit') {
    throw illegalArgument(`suppress got ${shown(until)}: make it with untilWindowCloses or untilTimeLimit`)
  }
  const { dsl } = core
  const { graph } = dsl
  if (graph.node(core.place).outputVersioned) {
    throw topologyInvalid(
      `suppress is behind the versioned table ${core.name}, which it does not support: materialize an unversioned one`,
      core.name,
    )
  }
  const name = until.name ?? graph.names.processor('KTABLE-SUPPRESS-')
  const finalResults = until.kind === 'window-close'
  const waitMs = finalResults ? graph.windowCloseGraceMs(core.place) : until.limitMs
  const buffer = until.name === undefined ? graph.names.store('KTABLE-SUPPRESS-') : `${until.name}-store`
  graph.needs.requireOldValues(core.lineage)
  const source = graph.needs.view(core.lineage)
  const lineage: TableLineage = Object.freeze({ kind: 'suppress', parent: core.lineage, buffer })
  const store: StoreDraft = {
    kind: 'suppress-buffer',
    name: buffer,
    engine: 'memory',
    key: core.key,
    value: core.value,
    caching: false,
    changelog: changelogOf(until.changelog),
  }
  const { recordsMax, bytesMax, whenFull } = until
  const node = processorNode(
    name,
    { kind: 'suppress', buffer, waitMs, finalResults, recordsMax, bytesMax, whenFull, source },
    { lineage, stores: [store], outputVersioned: false, refusesVersioned: true },
  )
  return Object.freeze({ ...core, place: graph.append(core.place, node), name, lineage, storeName: undefined })
}
