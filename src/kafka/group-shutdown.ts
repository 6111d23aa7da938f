import { MillraceError } from '../core/errors.ts'

/** What each member fails of when one has asked all of them to stop; `asking` names that member. */
export function groupShutdown(groupId: string, asking: string): MillraceError {
  return new MillraceError(
    'GROUP_SHUTDOWN',
    'fatal',
    `all members of group ${groupId} are to stop (${asking}): repair what that member failed of, then start them again`,
  )
}
