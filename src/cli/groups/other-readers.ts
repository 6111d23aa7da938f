import { errorCode } from '../../core/errors.ts'
import type { Admin, TopicPartition } from '../../kafka/port.ts'
import { shadowIdOf } from '../../replay/plan.ts'

/** The groups that read topics, without an application and its replays: by a member now, or by what they committed. */
export async function otherReaders(
  admin: Admin,
  applicationId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const readers = new Map<string, string[]>()
  for (const groupId of await admin.listGroups()) {
    if (groupId === applicationId || groupId.startsWith(shadowIdOf(applicationId, ''))) continue
    const places = [...(await admin.groupOffsets(groupId)), ...(await assignedIn(admin, groupId))]
    for (const topic of new Set(places.map((place) => place.topic))) {
      const groups = readers.get(topic) ?? []
      readers.set(topic, [...groups, groupId])
    }
  }
  return readers
}

/** Empty for a group that was deleted meanwhile, and for one of another protocol: its commits tell. */
async function assignedIn(admin: Admin, groupId: string): Promise<readonly TopicPartition[]> {
  try {
    return (await admin.describeGroup(groupId)).members.flatMap(({ partitions }) => partitions)
  } catch (error) {
    if (!isNotDescribed(error)) throw error
    return []
  }
}

/** Whether a group could not be described because it was deleted or is of another protocol than the classic one. */
export function isNotDescribed(error: unknown): boolean {
  return errorCode(error) === 'GROUP_ID_NOT_FOUND' || errorCode(error) === 'INCONSISTENT_GROUP_PROTOCOL'
}
