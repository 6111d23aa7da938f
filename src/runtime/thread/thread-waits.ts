import type { Consumer } from '../../kafka/port.ts'
import type { Assignment } from './assignment.ts'
import type { Membership } from './membership.ts'
import type { Restorer } from './restorer.ts'
import type { TaskRegistry } from './task-registry.ts'
import type { ThreadPhase } from './thread-status.ts'

/** In plain words, what a thread waits for before all of its tasks process; empty where that is nothing. */
export function threadWaits(
  phase: ThreadPhase,
  registry: TaskRegistry,
  consumer: Consumer,
  parts: { readonly membership: Membership; readonly assignment: Assignment; readonly restorer: Restorer },
): readonly string[] {
  if (phase === 'preparing') return ['waiting for its output topics and its producer']
  const { member } = parts.membership
  const { opening } = parts.assignment
  const waits: string[] = []
  if (member.waitsFor !== undefined) waits.push(`waiting for ${member.waitsFor}`)
  if (opening > 0) waits.push(`opening ${counted(opening, 'task')}`)
  const restored = registry.all.filter(({ state }) => state === 'RESTORING').length
  const records = parts.restorer.progress().reduce((sum, { remaining }) => sum + remaining, 0)
  if (restored > 0) waits.push(`restoring ${counted(restored, 'task')}, ${counted(records, 'record')} left`)
  const inputs = registry.running.flatMap(({ task }) => task?.inputs ?? [])
  const unknown = inputs.filter((input) => consumer.position(input) === undefined).length
  if (unknown > 0) waits.push(`looking up where ${counted(unknown, 'input partition')} begin`)
  return waits
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
