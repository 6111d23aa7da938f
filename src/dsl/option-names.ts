import { unknownNames } from '../core/option-names.ts'
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

/** A misspelt option would change results without a word: types refuse it, and this does so from JavaScript. */
export function refuseUnknownOptions(options: object | undefined): void {
  if (options === undefined) return
  const [mistake] = unknownNames(options, dslOptionNames)
  if (mistake !== undefined) throw illegalArgument(mistake)
}
