import { MillraceError } from '../../../core/errors.ts'
import type { ProducerOptions } from '../../port.ts'
import { batchHeaderBytes } from '../codec/record-codec.ts'

export type ProducerConfig = Readonly<ProducerOptions> & {
  readonly acksNumber: -1 | 0 | 1
  /** What the largest record may take in a batch. */
  readonly recordBytesMax: number
}

const acksNumbers = { all: -1, leader: 1, none: 0 } as const

/** Throws INVALID_OPTION (fatal) for what cannot work. */
export function compileProducerOptions(options: ProducerOptions): ProducerConfig {
  if (options.idempotent && options.acks !== 'all') {
    throw invalid(
      'acks',
      options.acks,
      "set acks to 'all', which an idempotent producer needs, or set idempotent to false",
    )
  }
  atLeast('lingerMs', options.lingerMs, 0)
  atLeast('idleLingerMs', options.idleLingerMs, 0)
  atLeast('batchBytes', options.batchBytes, batchHeaderBytes)
  atLeast('bufferedBytesMax', options.bufferedBytesMax, 1)
  atLeast('maxRequestBytes', options.maxRequestBytes, batchHeaderBytes)
  atLeast('deliveryTimeoutMs', options.deliveryTimeoutMs, 1)
  return Object.freeze({
    ...options,
    acksNumber: acksNumbers[options.acks],
    recordBytesMax: options.maxRequestBytes - batchHeaderBytes,
  })
}

export function atLeast(field: string, value: number, least: number): void {
  if (!(value >= least) || !Number.isFinite(value))
    throw invalid(field, String(value), `give a number of at least ${least}`)
}

export function invalid(field: string, value: string, fix: string): MillraceError {
  return new MillraceError('INVALID_OPTION', 'fatal', `${field} of the producer is ${value}: ${fix}`)
}
