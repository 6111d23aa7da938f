import { MillraceError } from '../../../../core/errors.ts'
import type { GroupMemberOptions } from '../../../port.ts'

/** What the streams protocol of today does not have, in the words of the settings; undefined where all is there. */
export function missingInStreams({
  instanceId,
  topology,
}: Pick<GroupMemberOptions, 'instanceId' | 'topology'>): string | undefined {
  if (instanceId !== undefined) return 'static members (groupInstanceId)'
  const reading = topology.subtopologies.find(({ patternTopics }) => patternTopics.length > 0)
  return reading === undefined ? undefined : 'sources that read topics by a pattern'
}

/** STREAMS_PROTOCOL_NOT_SUPPORTED (fatal). */
export function streamsNotSupported(why: string): MillraceError {
  return new MillraceError(
    'STREAMS_PROTOCOL_NOT_SUPPORTED',
    'fatal',
    `groupProtocol is 'streams', ${why}: use 'auto' or 'classic'`,
  )
}
