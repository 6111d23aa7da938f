import type { Clock } from '../core/clock.ts'
import { errorCode } from '../core/errors.ts'
import type { Admin } from '../kafka/port.ts'
import type { Topology } from '../topology/topology.ts'
import { topicTargets, versionedName } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'
import { internalTopicsOf } from './source-topics.ts'

const leaveTriesMax = 120
const leaveLookMs = 500

/** Deletes internal topics, once nobody works with them any more: the last process of a replay does so. */
export async function deleteInternalTopics({ shadowId }: ReplayPlan, topology: Topology, admin: Admin): Promise<void> {
  if ((await membersOf(admin, shadowId)) > 0) return
  const { repartition, changelogs } = internalTopicsOf(topology, shadowId)
  await admin.deleteTopics([...repartition, ...changelogs])
}

interface LeftoverParts {
  readonly topology: Topology
  /** Of the live application. */
  readonly deadLetterTopic: string | undefined
  readonly clock: Clock
}

/** Deletes all that an aborted replay has in the cluster: its processes see that it was aborted, and leave. */
export async function deleteEverything(
  plan: ReplayPlan,
  { topology, deadLetterTopic, clock }: LeftoverParts,
  admin: Admin,
): Promise<void> {
  for (let tries = 0; tries < leaveTriesMax && (await membersOf(admin, plan.shadowId)) > 0; tries++)
    await clock.sleep(leaveLookMs)
  await deleteInternalTopics(plan, topology, admin)
  const letters = deadLetterTopic === undefined ? [] : [versionedName(deadLetterTopic, plan)]
  await admin.deleteTopics([...topicTargets(plan.outputs), ...letters])
  await admin.deleteGroups([plan.shadowId])
}

async function membersOf(admin: Admin, groupId: string): Promise<number> {
  try {
    return (await admin.describeGroup(groupId)).members.length
  } catch (error) {
    if (errorCode(error) === 'GROUP_ID_NOT_FOUND') return 0
    throw error
  }
}
