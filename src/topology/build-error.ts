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

/** A refusal with one of the codes above; `operator` is the node that it is about. */
export function buildError(code: BuildErrorCode, message: string, operator?: string): MillraceError {
  return new MillraceError(code, 'fatal', message, operator === undefined ? {} : { details: { operator } })
}

/** TOPOLOGY_INVALID (fatal): parts of the topology contradict each other. */
export function topologyInvalid(message: string, operator?: string): MillraceError {
  return buildError('TOPOLOGY_INVALID', message, operator)
}

/** ILLEGAL_ARGUMENT (fatal): a value that a call was given is wrong by itself. */
export function illegalArgument(message: string): MillraceError {
  return buildError('ILLEGAL_ARGUMENT', message)
}
