import { counted } from '../../core/counted.ts'
import type { Clock } from '../../core/clock.ts'
import { errorCode, MillraceError } from '../../core/errors.ts'
import type { Admin, GroupMemberDescription } from '../../kafka/port.ts'

const lookMs = 500

/**
 * Resolves when the group has no members, or does not exist. Rejects with GROUP_IN_USE after `waitMs`, naming the members
 * that keep it alive.
 */
export async function waitUntilEmpty(admin: Admin, groupId: string, waitMs: number, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + waitMs
  for (;;) {
    const members = await membersOf(admin, groupId)
    if (members.length === 0) return
    if (clock.monotonicMs() >= deadlineMs) throw inUse(groupId, members, waitMs)
    await clock.sleep(lookMs)
  }
}

/** Empty for a group that does not exist. */
export async function membersOf(admin: Admin, groupId: string): Promise<readonly GroupMemberDescription[]> {
  try {
    return (await admin.describeGroup(groupId)).members
  } catch (error) {
    if (errorCode(error) === 'GROUP_ID_NOT_FOUND') return []
    throw error
  }
}

/** `client id@host`, with the instance id of a static member. */
export function memberName({ clientId, host, instanceId }: GroupMemberDescription): string {
  return instanceId === undefined ? `${clientId}@${host}` : `${clientId}@${host} (${instanceId})`
}

/** Names each member, so that a person finds the process to stop. */
function inUse(groupId: string, members: readonly GroupMemberDescription[], waitMs: number): MillraceError {
  const names = members.map(memberName).join(', ')
  const text = `group ${groupId} has ${counted(members.length, 'member')} after ${waitMs} ms (${names}): stop them, or wait longer with --wait; a member that died leaves after its session timeout`
  return new MillraceError('GROUP_IN_USE', 'fatal', text)
}
