import { MillraceError } from '../../../core/errors.ts'
import type { ConsumerOptions } from '../../port.ts'

export type ConsumerConfig = Readonly<ConsumerOptions>

/** Throws INVALID_OPTION (fatal) for what cannot work, a wait among it that is longer than the client's own. */
export function compileConsumerOptions(options: ConsumerOptions, requestTimeoutMs: number): ConsumerConfig {
  atLeast('fetchMinBytes', options.fetchMinBytes, 0)
  atLeast('fetchMaxBytes', options.fetchMaxBytes, 1)
  atLeast('partitionFetchMaxBytes', options.partitionFetchMaxBytes, 1)
  atLeast('fetchMaxWaitMs', options.fetchMaxWaitMs, 0)
  if (options.fetchMaxWaitMs >= requestTimeoutMs) {
    const what = `fetchMaxWaitMs of the consumer is ${options.fetchMaxWaitMs} and requestTimeoutMs is ${requestTimeoutMs}`
    throw new MillraceError(
      'INVALID_OPTION',
      'fatal',
      `${what}, so the broker would answer too late: lower fetchMaxWaitMs`,
    )
  }
  atLeast('bufferedBytesMax', options.bufferedBytesMax, 1)
  return Object.freeze({ ...options })
}

function atLeast(field: string, value: number, least: number): void {
  if (value >= least && Number.isFinite(value)) return
  throw new MillraceError(
    'INVALID_OPTION',
    'fatal',
    `${field} of the consumer is ${value}: give a number of at least ${least}`,
  )
}
