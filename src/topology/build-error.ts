import { MillraceError } from '../core/errors.ts'

/**
 * Refusals of a topology under construction, by code, with the exception that Kafka Streams throws in the same place.
 * All are fatal: the program has to change.
 */
export const javaExceptionOfCode = Object.freeze({
  TOPOLOGY_INVALID: 'TopologyException',
  ILLEGAL_ARGUMENT: 'IllegalArgumentException',
  ILLEGAL_STATE: 'IllegalStateException',
  SERDE_MISSING: 'ConfigException',
  BUILD_REFUSED: 'StreamsException',
  INVALID_TOPIC: 'InvalidTopicException',
} as const)

export type BuildErrorCode = keyof typeof javaExceptionOfCode

export function buildError(code: BuildErrorCode, message: string, operator?: string): MillraceError {
  return new MillraceError(code, 'fatal', message, operator === undefined ? {} : { details: { operator } })
}

export function topologyInvalid(message: string, operator?: string): MillraceError {
  return buildError('TOPOLOGY_INVALID', message, operator)
}

export function illegalArgument(message: string): MillraceError {
  return buildError('ILLEGAL_ARGUMENT', message)
}
