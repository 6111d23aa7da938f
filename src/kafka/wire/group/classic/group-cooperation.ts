import { type AssignorSubtopology, assignTasks, type TaskAssignment } from '../../../assignor.ts'
import { type TaskId, taskIdText } from '../../../port.ts'
import type { MemberState } from './group-user-data.ts'

export interface CooperativeAssignment extends TaskAssignment {
  readonly rejoinAfterRevocation: boolean
}

type Decision = ReadonlyMap<string, CooperativeAssignment>

/** So many follow-ups bring nearly every group to an end; those that are left chase their standbys. */
const followUpsMax = 3

/**
 * The tasks that members start now. `followUps`: rebalances in a row that requested another one. Above a few, standby
 * tasks are given back and wait until every active task is with its final owner: if one process has several members, its
 * standby task may block an active task, and the target after giving it back may block the next.
 */
export function assignCooperatively(
  subtopologies: readonly AssignorSubtopology[],
  states: ReadonlyMap<string, MemberState>,
  standbyReplicas: number,
  followUps: number,
): Decision {
  const actives = undisputedActives(states)
  const members = [...states].map(([memberId, { processId, standby, lags }]) => {
    return { memberId, processId, ownedActive: actives.get(memberId) ?? [], ownedStandby: standby, lags }
  })
  const decide = (replicas: number) => withholdHeldTasks(assignTasks(subtopologies, members, replicas), states)
  if (followUps <= followUpsMax || standbyReplicas === 0) return decide(standbyReplicas)
  const activesOnly = decide(0)
  if (isReached(activesOnly, states)) return decide(standbyReplicas)
  return new Map([...activesOnly].map(([memberId, now]) => [memberId, { ...now, rejoinAfterRevocation: true }]))
}

export function asksForFollowUp(decision: Decision): boolean {
  return [...decision.values()].some(({ rejoinAfterRevocation }) => rejoinAfterRevocation)
}

/** Every member has exactly what it is to have. */
function isReached(decision: Decision, states: ReadonlyMap<string, MemberState>): boolean {
  if (asksForFollowUp(decision)) return false
  return [...decision].every(([memberId, { active }]) => {
    const state = states.get(memberId)
    return state?.standby.length === 0 && textOf(state.active) === textOf(active)
  })
}

function textOf(tasks: readonly TaskId[]): string {
  return tasks.map(taskIdText).sort().join(' ')
}

/**
 * The part of the target that can begin now. A task is withheld while another member still has it: the one that has
 * it gives it back and joins again, and the follow-up hands it out. An active task runs once in the group; in one
 * process a task runs once in any role, for the sake of its directory.
 */
function withholdHeldTasks(
  target: ReadonlyMap<string, TaskAssignment>,
  states: ReadonlyMap<string, MemberState>,
): ReadonlyMap<string, CooperativeAssignment> {
  const holders = listHolders(states)
  const mustRejoin = new Set<string>()
  const isFree = (memberId: string, task: TaskId, role: Role): boolean => {
    const processId = states.get(memberId)?.processId
    const blockers = (holders.get(taskIdText(task)) ?? []).filter(
      (holder) =>
        holder.memberId !== memberId &&
        ((role === 'active' && holder.role === 'active') || holder.processId === processId),
    )
    for (const blocker of blockers) mustRejoin.add(blocker.memberId)
    return blockers.length === 0
  }
  const begun = [...target].map(([memberId, { active, standby }]) => {
    const now = {
      active: active.filter((task) => isFree(memberId, task, 'active')),
      standby: standby.filter((task) => isFree(memberId, task, 'standby')),
    }
    return [memberId, now] as const
  })
  return new Map(
    begun.map(([memberId, now]) => [memberId, { ...now, rejoinAfterRevocation: mustRejoin.has(memberId) }]),
  )
}

type Role = 'active' | 'standby'

interface TaskHolder {
  readonly memberId: string
  readonly processId: string
  readonly role: Role
}

function listHolders(states: ReadonlyMap<string, MemberState>): Map<string, TaskHolder[]> {
  const holders = new Map<string, TaskHolder[]>()
  const add = (memberId: string, processId: string, task: TaskId, role: Role): void => {
    const list = holders.get(taskIdText(task)) ?? []
    list.push({ memberId, processId, role })
    holders.set(taskIdText(task), list)
  }
  for (const [memberId, { processId, active, standby }] of states) {
    for (const task of active) add(memberId, processId, task, 'active')
    for (const task of standby) add(memberId, processId, task, 'standby')
  }
  return holders
}

/** Ownership for the assignor: of members that claim the same active task the one of the latest generation owns it. */
export function undisputedActives(states: ReadonlyMap<string, MemberState>): ReadonlyMap<string, readonly TaskId[]> {
  const latest = new Map<string, number>()
  for (const { active, generation } of states.values()) {
    for (const task of active)
      latest.set(taskIdText(task), Math.max(generation, latest.get(taskIdText(task)) ?? generation))
  }
  return new Map(
    [...states].map(([memberId, { active, generation }]) => [
      memberId,
      active.filter((task) => latest.get(taskIdText(task)) === generation),
    ]),
  )
}
