import type { Rebalance, RebalanceCause } from '../../../rebalance.ts'
import type { MemberState } from './group-user-data.ts'

/** Where members join for several causes, all others hear the first of these. */
const order: readonly RebalanceCause[] = [
  'member-joined',
  'member-fenced',
  'member-left',
  'topics-changed',
  'tasks-given-back',
  'state-caught-up',
  'probing',
]

/**
 * Why all members have joined, as the leader sees it: some say it, those that are gone cannot. `before`: the names of the
 * members of the generation before, where this leader knows them. Without any other sign a member is gone: the leader
 * itself. A static member is named by its instance id: it comes back under another member id.
 */
export function causeOf(
  states: ReadonlyMap<string, MemberState | undefined>,
  before: ReadonlySet<string> | undefined,
  nameOf: (memberId: string) => string,
): Rebalance {
  const present = new Set([...states.keys()].map(nameOf))
  const told = [...states].flatMap(([memberId, state]) => {
    const cause = knownCause(state)
    return cause === undefined ? [] : [{ cause, detail: nameOf(memberId) }]
  })
  const gone = [...(before ?? [])].filter((name) => !present.has(name))
  const all: readonly Rebalance[] = [...told, ...gone.map((detail) => ({ cause: 'member-left', detail }) as const)]
  for (const cause of order) {
    const those = all.filter((each) => each.cause === cause)
    if (those.length > 0) return { cause, detail: those.map(({ detail }) => detail).join(', ') }
  }
  return before === undefined
    ? { cause: 'member-left', detail: 'the member that assigned the tasks before' }
    : { cause: 'unknown', detail: '' }
}

/** A member of an older version does not say why it joins. */
function knownCause(state: MemberState | undefined): RebalanceCause | undefined {
  const said = order.find((cause) => cause === state?.cause)
  return said ?? (state?.generation === -1 ? 'member-joined' : undefined)
}
