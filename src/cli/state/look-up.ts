import { errorCode } from '../../core/errors.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { askWorker, type StateQuestion, type StateRow } from './ask-worker.ts'
import type { StorePlace } from './store-place.ts'
import { storeMembers, type StoreMember } from './store-members.ts'

/** Rows with the worker that has them. */
export interface FoundRows {
  readonly worker: string
  readonly rows: readonly StateRow[]
}

/** Where a store is looked up. */
export interface LookUpParts {
  readonly kafka: KafkaDriver
  readonly worker: PreparedWorker
  readonly place: StorePlace
  /** In place of those that the group names. */
  readonly urls: readonly string[] | undefined
}

/**
 * Asks the process that has a key; should it not have it, the others: keys may be partitioned otherwise. Empty: nobody
 * has it.
 */
export async function lookUpKey(
  { kafka, worker, place, urls }: LookUpParts,
  partition: number,
  question: StateQuestion,
): Promise<readonly FoundRows[]> {
  const members = await membersOf({ kafka, worker, place, urls })
  const isHome = ({ partitions }: StoreMember) => partitions.includes(partition)
  const inOrder = [...members.filter(isHome), ...members.filter((member) => !isHome(member))]
  for (const member of inOrder) {
    const rows = await rowsOf(member, worker, question, !isHome(member))
    if (rows.length > 0) return [{ worker: member.url, rows }]
  }
  return []
}

/** Asks every process that has a part of the store. */
export async function lookUpAll(parts: LookUpParts, question: StateQuestion): Promise<readonly FoundRows[]> {
  const members = await membersOf(parts)
  // Each process has all of a global store.
  const asked = parts.place.subtopology === undefined ? members.slice(0, 1) : members
  return Promise.all(
    asked.map(async (member) => ({ worker: member.url, rows: await rowsOf(member, parts.worker, question, false) })),
  )
}

async function membersOf({ kafka, worker, place, urls }: LookUpParts): Promise<readonly StoreMember[]> {
  if (urls !== undefined) return urls.map((url) => ({ url, partitions: [] }))
  const group = await kafka.admin().describeGroup(worker.applicationId)
  return storeMembers(group, place.subtopology)
}

/** A process that does not have the key's partition says so by STORE_MIGRATED. */
async function rowsOf(
  { url }: StoreMember,
  { settings }: PreparedWorker,
  question: StateQuestion,
  mayLack: boolean,
): Promise<readonly StateRow[]> {
  try {
    return await askWorker(url, settings.ops.token, question)
  } catch (error) {
    if (mayLack && errorCode(error) === 'STORE_MIGRATED') return []
    throw error
  }
}
