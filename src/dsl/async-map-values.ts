import type { AsyncCall } from '../topology/async-call.ts'
import { told } from '../core/shown.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { StreamCore } from './core.ts'
import { checkOptions } from './check-options.ts'
import type { NameOption } from './common-options.ts'
import { appendOperator } from './stream-operators.ts'

/**
 * Maps a value asynchronously, as `(value, key, call)`. `call` has the timestamp, the headers and an abort signal. A
 * rejection fails the record.
 */
export type AsyncValueMapper<K, V, VR> = (value: V, key: K, call: AsyncCall) => Promise<VR>

/** Options of `mapValuesAsync`. */
export interface MapAsyncOptions extends NameOption {
  /** How many mappings may be in flight in a task. Default 16. */
  readonly concurrencyMax?: number | undefined
  /** A mapping that takes longer fails its record. Default 30 s. */
  readonly timeoutMs?: number | undefined
}

/** Awaits a mapping for each record; the order of records with equal keys is kept. */
export function mapStreamValuesAsync(
  core: StreamCore,
  map: AsyncValueMapper<unknown, unknown, unknown>,
  options: MapAsyncOptions | undefined,
): StreamCore {
  checkOptions(options, 'mapValuesAsync')
  const concurrencyMax = atLeastOne('concurrencyMax', options?.concurrencyMax ?? 16)
  const timeoutMs = atLeastOne('timeoutMs', options?.timeoutMs ?? 30_000)
  const mapper = asyncKeyFirst(map)
  const operator = { kind: 'async-map-values', mapper, concurrencyMax, timeoutMs } as const
  return appendOperator(core, 'KSTREAM-MAPVALUESASYNC-', operator, 'changes-value', options)
}

type AsyncMapper = (key: unknown, value: unknown, call: AsyncCall) => Promise<unknown>

/** As `keyFirst`. */
function asyncKeyFirst(map: AsyncValueMapper<unknown, unknown, unknown>): AsyncMapper {
  if (typeof map !== 'function') return map
  return (key, value, call) => map(value, key, call)
}

function atLeastOne(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw illegalArgument(`${name} of mapValuesAsync is ${told(value)}: it must be a whole number, at least 1`)
}
