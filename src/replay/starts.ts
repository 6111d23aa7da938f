import { errorCode } from '../core/errors.ts'
import { type Admin, type Consumer, partitionKey } from '../kafka/port.ts'
import type { ReplayPlan } from './plan.ts'

const commitTimeoutMs = 30_000
const noMember = { generation: -1, memberId: '', instanceId: undefined }

/**
 * Gives the shadow group its first offsets, where it has none. A group with members refuses that: those have begun, so
 * the starts are committed.
 */
export async function commitStarts(plan: ReplayPlan, admin: Admin, consumer: Consumer): Promise<void> {
  const groupId = plan.shadowId
  const known = await consumer.committed(groupId, plan.partitions)
  const keys = new Set(known.map(({ topic, partition }) => partitionKey(topic, partition)))
  const missing = plan.partitions.filter(({ topic, partition }) => !keys.has(partitionKey(topic, partition)))
  if (missing.length === 0) return
  const starts = missing.map(({ topic, partition, startOffset }) => ({
    topic,
    partition,
    offset: startOffset,
    metadata: '',
  }))
  try {
    await consumer.commit(starts, { groupId, ...noMember }, commitTimeoutMs)
  } catch (error) {
    if (errorCode(error) !== 'GROUP_FENCED' || (await admin.describeGroup(groupId)).members.length === 0) throw error
  }
}
