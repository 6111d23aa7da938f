import { MillraceError } from '../../core/errors.ts'
import type { GroupDescription } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import { memberName } from '../groups/wait-until-empty.ts'

/** A process with tasks of a store, and where it answers. */
export interface StoreMember {
  readonly url: string
  readonly partitions: readonly number[]
}

/**
 * The processes that have a store now, by the tasks of a subtopology; undefined: of a global store, which each process has.
 * Rejects with STATE_MEMBER for a member that does not say where it can be asked, and when nobody has a task.
 */
export function storeMembers(
  { groupId, members }: GroupDescription,
  subtopology: number | undefined,
): readonly StoreMember[] {
  const found = new Map<string, number[]>()
  for (const member of members) {
    const tasks = (member.active ?? []).filter((task) => subtopology === undefined || task.subtopology === subtopology)
    if (subtopology !== undefined && tasks.length === 0) continue
    if (member.applicationServer === undefined) {
      const what = tasks.map(taskIdText).join(', ') || 'the store'
      throw refused(
        `member ${memberName(member)} of group ${groupId} has ${what}, and does not say where it can be asked: set OPS_ADVERTISED_HOST (applicationServer) of that process, or give --worker`,
      )
    }
    const url = `http://${member.applicationServer}`
    found.set(url, [...(found.get(url) ?? []), ...tasks.map(({ partition }) => partition)])
  }
  if (found.size === 0) throw refused(`no member of group ${groupId} has a task with the store: see millrace tasks`)
  return [...found].map(([url, partitions]) => ({ url, partitions: partitions.sort((left, right) => left - right) }))
}

function refused(text: string): MillraceError {
  return new MillraceError('STATE_MEMBER', 'retriable', text)
}
