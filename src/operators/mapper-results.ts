import { MillraceError } from '../core/errors.ts'
import { ignoreRejection, isPromise } from '../core/no-promise.ts'

/** What a flat mapper returned; throws MAPPER_RESULT (record) where that cannot be iterated. */
export function mappedBy<T>(nodeName: string, mapped: Iterable<T>): Iterable<T> {
  if (typeof (mapped as Iterable<T> | null | undefined)?.[Symbol.iterator] === 'function') return mapped
  throw wrongResult(nodeName, mapped, 'an array or another iterable, empty where there is nothing')
}

/** MAPPER_RESULT (record), for anything but a pair. */
export function noPair(nodeName: string, result: unknown): MillraceError {
  return wrongResult(nodeName, result, 'a pair, [key, value]')
}

function wrongResult(nodeName: string, result: unknown, wanted: string): MillraceError {
  ignoreRejection(result)
  const isAsync = isPromise(result)
  const found = isAsync ? 'a promise' : result === null ? 'null' : typeof result
  const fix = isAsync ? '; use mapValuesAsync for what has to be awaited' : ''
  return new MillraceError(
    'MAPPER_RESULT',
    'record',
    `the mapper of ${nodeName} returned ${found}: it must return ${wanted}${fix}`,
    { details: { operator: nodeName } },
  )
}
