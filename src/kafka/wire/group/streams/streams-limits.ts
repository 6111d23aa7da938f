import { MillraceError } from '../../../../core/errors.ts'
import type { GroupProtocolRequest } from '../../../port.ts'

/** What the streams protocol of Kafka 4.3 does not have, in the words of the settings; undefined where all is there. */
export function missingInStreams({
  hasInstanceId,
  hasPatterns,
}: Pick<GroupProtocolRequest, 'hasInstanceId' | 'hasPatterns'>): string | undefined {
  if (hasInstanceId) return 'static members (groupInstanceId)'
  return hasPatterns ? 'sources that read topics by a pattern' : undefined
}

/** STREAMS_PROTOCOL_NOT_SUPPORTED (fatal). */
export function streamsNotSupported(why: string): MillraceError {
  return new MillraceError(
    'STREAMS_PROTOCOL_NOT_SUPPORTED',
    'fatal',
    `groupProtocol is 'streams', ${why}: use 'auto' or 'classic'`,
  )
}
