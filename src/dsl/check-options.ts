import { unknownNames } from '../core/unknown-names.ts'
import { shown } from '../core/shown.ts'
import { illegalArgument } from '../topology/build-error.ts'

/** Every option of an operator, a source, a sink, a store or a kind of windows. A test holds it to their types. */
export const dslOptionNames: readonly string[] = Object.freeze([
  ...['advanceMs', 'afterMs', 'beforeMs', 'bufferedBytesMax', 'bufferedRecordsMax', 'caching', 'changelog'],
  ...['concurrencyMax', 'create', 'differenceMs', 'emitIntervalMs', 'engine', 'entriesMax', 'gapMs', 'graceMs'],
  ...['historyMs', 'id', 'idSerde', 'initializer', 'key', 'kind', 'late', 'lateRecords', 'leftValue'],
  ...['limitMs', 'lruEntriesMax', 'materialized', 'name', 'offsetMs', 'offsetReset', 'otherValue'],
  ...['partitioner', 'partitions', 'reason', 'retainDuplicates', 'retentionMs', 'rightValue', 'segmentMs'],
  ...['sizeMs', 'startMs', 'store', 'stores', 'timeDifferenceMs', 'timeoutMs', 'timestamp', 'timestamped'],
  ...['ttlMs', 'value', 'versionedHistoryMs', 'whenFull', 'windowSizeMs', 'windows', 'windowsFor'],
])

/**
 * Refuses options that are no object, or have a misspelt name: they would change results without any report. Types
 * refuse both, this does so for calls from JavaScript. Throws ILLEGAL_ARGUMENT.
 */
export function checkOptions<Options extends object | undefined>(options: Options, of = 'an operator'): Options {
  if (options === undefined) return options
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw illegalArgument(
      `the options of ${of} are ${shown(options)}: pass one object, after the functions${hintOf(options)}`,
    )
  }
  const [mistake] = unknownNames(options, dslOptionNames)
  if (mistake !== undefined) throw illegalArgument(mistake)
  return options
}

/** In Kafka Streams a join by foreign key has the same name as the other joins. */
function hintOf(options: unknown): string {
  return typeof options === 'function'
    ? '; to join by a function that returns the key of the table, use foreignKeyJoin'
    : ''
}

/** As `checkOptions`, for options of which at least one is required. */
export function checkRequired<Options extends object>(options: Options, of: string): Options {
  if ((options as Options | undefined) !== undefined) return checkOptions(options, of)
  throw illegalArgument(`${of} has no options: pass an object`)
}
