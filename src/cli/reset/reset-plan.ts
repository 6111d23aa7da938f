import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Admin } from '../../kafka/port.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { memberName, membersOf } from '../groups/wait-until-empty.ts'
import { applicationTopics } from '../topics/application-topics.ts'
import { topicPartitions } from '../topics/topic-partitions.ts'
import { type OffsetMove, offsetMoves, type OffsetTarget } from './offset-target.ts'

/** What a reset will do. Only topics of the compiled topology are in it. */
export interface ResetPlan {
  readonly groupId: string
  /** Who has to stop first. */
  readonly members: readonly string[]
  readonly offsets: readonly OffsetMove[]
  /** Inputs that do not exist: what the group has committed there stays. */
  readonly missingInputs: readonly string[]
  /** Internal topics that exist; the next start creates them again. */
  readonly deletedTopics: readonly string[]
  /** Local state on this machine; undefined: there is none, or it is to stay. */
  readonly stateDirectory: string | undefined
}

/** Plans a reset; changes nothing. */
export async function planReset(
  worker: PreparedWorker,
  admin: Admin,
  target: OffsetTarget,
  { localState }: { readonly localState: boolean },
): Promise<ResetPlan> {
  const { applicationId } = worker
  const { sources, internalNames } = await applicationTopics(worker, admin)
  const globals = new Set(worker.topology.globalStores.values())
  // A global table is read whole at each start and has no offsets.
  const inputTopics = sources.filter((topic) => !globals.has(topic))
  const inputs = await topicPartitions(admin, inputTopics)
  const existing = new Set(inputs.map(({ topic }) => topic))
  // As the engine has it: the options of a definition win over the settings.
  const { stateDirectory = worker.settings.state.directory } = worker.engine
  const directory = join(stateDirectory, applicationId)
  return {
    groupId: applicationId,
    members: (await membersOf(admin, applicationId)).map(memberName),
    offsets: await offsetMoves(admin, inputs, await admin.groupOffsets(applicationId), target),
    missingInputs: inputTopics.filter((topic) => !existing.has(topic)),
    deletedTopics: (await admin.describeTopics(internalNames)).map(({ name }) => name),
    stateDirectory: localState && existsSync(directory) ? directory : undefined,
  }
}
