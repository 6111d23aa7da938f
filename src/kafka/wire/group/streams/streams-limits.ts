import { MillraceError } from '../../../../core/errors.ts'

/** STREAMS_PROTOCOL_NOT_SUPPORTED (fatal). */
export function streamsNotSupported(why: string): MillraceError {
  return new MillraceError(
    'STREAMS_PROTOCOL_NOT_SUPPORTED',
    'fatal',
    `groupProtocol is 'streams', ${why}: use 'auto' or 'classic'`,
  )
}
