import { MillraceError } from '../core/errors.ts'
import { ignoreRejection, isPromise } from '../core/no-promise.ts'
import type { OperatorContext } from './operator.ts'

/**
 * Returns the result of a flat mapper; throws MAPPER_RESULT (record) if it cannot be iterated. A string is iterable, by
 * its characters.
 */
export function mappedBy<T>(context: OperatorContext, mapped: Iterable<T>): Iterable<T> {
  if (typeof (mapped as Iterable<T> | null | undefined)?.[Symbol.iterator] === 'function') return mapped
  throw wrongResult(context.nodeName, mapped, 'an array or another iterable (empty for no results)')
}

/** MAPPER_RESULT (record), for a result that is not a pair. */
export function noPair(nodeName: string, result: unknown): MillraceError {
  return wrongResult(nodeName, result, 'a pair, [key, value]')
}

function wrongResult(nodeName: string, result: unknown, wanted: string): MillraceError {
  ignoreRejection(result)
  const isAsync = isPromise(result)
  const found = isAsync ? 'a promise' : result === null ? 'null' : typeof result
  const fix = isAsync ? '; to await a promise, use mapValuesAsync' : ''
  return new MillraceError(
    'MAPPER_RESULT',
    'record',
    `the mapper of ${nodeName} returned ${found}: it must return ${wanted}${fix}`,
    { details: { operator: nodeName } },
  )
}
