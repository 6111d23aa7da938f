import type { Admin } from '../../kafka/port.ts'
import { shadowIdOf } from '../../replay/plan.ts'

/** The groups that read topics, without an application and its replays: by a member now, or by what they committed. */
export async function otherReaders(
  admin: Admin,
  applicationId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const readers = new Map<string, string[]>()
  for (const groupId of await admin.listGroups()) {
    if (groupId === applicationId || groupId.startsWith(shadowIdOf(applicationId, ''))) continue
    const { members } = await admin.describeGroup(groupId)
    const places = [...(await admin.groupOffsets(groupId)), ...members.flatMap(({ partitions }) => partitions)]
    for (const topic of new Set(places.map((place) => place.topic))) {
      const groups = readers.get(topic) ?? []
      readers.set(topic, [...groups, groupId])
    }
  }
  return readers
}
