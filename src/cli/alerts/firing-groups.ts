import type { GroupState } from '../../alerts/index.ts'
import { errorMessage } from '../../core/errors.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { Cli } from '../cli.ts'
import { readTable } from './table-topic.ts'

/**
 * The groups with alerts that fire or flap, in the order of their keys; undefined: there is no such topic. `isWanted`: of
 * which keys.
 */
export async function readFiringGroups(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
  isWanted?: (key: string) => boolean,
): Promise<readonly GroupState[] | undefined> {
  const rows = await readTable<GroupState | null>(cli, kafka, topic, isWanted)
  if (rows === undefined) return undefined
  return [...rows.values()]
    .flatMap((state) => (state?.episode == null ? [] : [state]))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
}

/** The same for a command that only gives advice: where they cannot be read, it warns, and continues without them. */
export async function tryFiringGroups(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
  isWanted?: (key: string) => boolean,
): Promise<readonly GroupState[] | undefined> {
  try {
    return await readFiringGroups(cli, kafka, topic, isWanted)
  } catch (error) {
    cli.warn(`what fires now cannot be shown: ${errorMessage(error)}`)
    return undefined
  }
}
