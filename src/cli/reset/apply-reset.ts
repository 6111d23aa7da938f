import { composeStreams } from '../../app.ts'
import { systemClock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { KafkaDriver, OffsetAndMetadata } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import { kafkaConnection } from '../../worker/kafka-connection.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { silentLogger } from '../../core/logger.ts'
import { loneConsumer } from '../../kafka/lone-consumer.ts'
import { waitUntilEmpty } from '../groups/wait-until-empty.ts'
import type { ResetPlan } from './reset-plan.ts'

const timeoutMs = 30_000

/** What a reset has done, read back from the cluster. */
export interface ResetResult {
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]
  readonly deletedTopics: readonly string[]
  readonly stateDirectory: string | undefined
}

/**
 * Carries a plan out: local state, then internal topics, then offsets. An interrupted reset is finished by running it
 * again. Rejects with GROUP_IN_USE where the group has members, and with
 * RESET_NOT_CONFIRMED when it holds other offsets afterwards.
 */
export async function applyReset(worker: PreparedWorker, kafka: KafkaDriver, plan: ResetPlan): Promise<ResetResult> {
  const { groupId, offsets, deletedTopics, stateDirectory } = plan
  const admin = kafka.admin()
  // A member that has joined since the plan was made still needs what is deleted here.
  await waitUntilEmpty(admin, groupId, 0, systemClock)
  if (stateDirectory !== undefined) await deleteLocalState(worker)
  if (deletedTopics.length > 0) await admin.deleteTopics(deletedTopics)
  const wanted = offsets.map(({ topic, partition, to }) => ({ topic, partition, offset: to, metadata: '' }))
  if (wanted.length > 0) await commit(kafka, groupId, wanted)
  const held = await admin.groupOffsets(groupId)
  checkHeld(groupId, wanted, held)
  const inputs = new Set(wanted.map(({ topic, partition }) => partitionKey(topic, partition)))
  return {
    offsets: held
      .filter(({ topic, partition }) => inputs.has(partitionKey(topic, partition)))
      .map(({ topic, partition, offset }) => ({ topic, partition, offset })),
    deletedTopics,
    stateDirectory,
  }
}

/** As `cleanUp` of the application does it: with the lock of the directory, so a process that runs keeps its state. */
async function deleteLocalState({ engine, settings, topology }: PreparedWorker): Promise<void> {
  const streams = composeStreams({ ...engine, kafka: kafkaConnection(settings.kafka, silentLogger) }, topology)
  try {
    await streams.application.cleanUp()
  } finally {
    await streams.close()
  }
}

/** Commits as nobody: a broker takes this only while the group has no members. */
async function commit(kafka: KafkaDriver, groupId: string, offsets: readonly OffsetAndMetadata[]): Promise<void> {
  const consumer = loneConsumer(kafka)
  try {
    await consumer.commit(offsets, { groupId, generation: -1, memberId: '', instanceId: undefined }, timeoutMs)
  } finally {
    await consumer.close()
  }
}

/** Reads are compared with writes: a member that joined in between may have committed something else. */
function checkHeld(groupId: string, wanted: readonly OffsetAndMetadata[], held: readonly OffsetAndMetadata[]): void {
  const found = new Map(held.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
  const other = wanted.filter(({ topic, partition, offset }) => found.get(partitionKey(topic, partition)) !== offset)
  if (other.length === 0) return
  const list = other.map(({ topic, partition, offset }) => {
    const key = partitionKey(topic, partition)
    return `${key}: ${found.get(key) ?? 'none'} instead of ${offset}`
  })
  const text = `group ${groupId} has other offsets than the reset committed (${list.join(', ')}): check whether another program commits for it`
  throw new MillraceError('RESET_NOT_CONFIRMED', 'fatal', text)
}
