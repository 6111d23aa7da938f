import type { AssignorMember, AssignorRules, AssignorSubtopology } from '../../../assignment/assignor-input.ts'
import { type ChangelogEnds, lagsOf, recordsOf } from '../../../assignment/changelog-ends.ts'
import { assignTasks, type TaskAssignment } from '../../../assignor.ts'
import { type TaskId, taskIdText } from '../../../port.ts'
import type { MemberState } from './group-user-data.ts'

export interface CooperativeAssignment extends TaskAssignment {
  readonly rejoinAfterRevocation: boolean
}

type Assignments = ReadonlyMap<string, CooperativeAssignment>

export interface Decision {
  readonly byMember: Assignments
  /** Tasks that wait for their state at their new member. */
  readonly waiting: readonly TaskId[]
}

/** What the leader knows of the work and of the state. */
export interface GroupWork {
  readonly subtopologies: readonly AssignorSubtopology[]
  /** Of the changelogs of each task, by task id text; a task may be missing. */
  readonly ends: ReadonlyMap<string, ChangelogEnds>
  readonly rules: AssignorRules
}

/** So many follow-ups bring nearly every group to an end; those that are left chase their standbys. */
const followUpsMax = 3

/**
 * The tasks that members start now. `followUps`: rebalances in a row that requested another one. Above a few, standby
 * tasks are given back and wait until every active task is with its final owner: if one process has several members, its
 * standby task may block an active task, and the target after giving it back may block the next.
 */
export function assignCooperatively(
  { subtopologies, ends, rules }: GroupWork,
  states: ReadonlyMap<string, MemberState>,
  followUps: number,
): Decision {
  const members = membersOf(states, ends)
  const decide = (under: AssignorRules): Decision => {
    const { byMember, waiting } = assignTasks(subtopologies, members, under, recordsOf(ends))
    return { byMember: withholdHeldTasks(byMember, states), waiting }
  }
  const decision = decide(rules)
  if (followUps <= followUpsMax || !hasStandbys(decision, states)) return decision
  const activesOnly = decide({ ...rules, standbyReplicas: 0, maxWarmupReplicas: 0 })
  if (isReached(activesOnly, states)) return decision
  const byMember = [...activesOnly.byMember].map(
    ([memberId, now]) => [memberId, { ...now, rejoinAfterRevocation: true }] as const,
  )
  return { ...activesOnly, byMember: new Map(byMember) }
}

function membersOf(
  states: ReadonlyMap<string, MemberState>,
  ends: ReadonlyMap<string, ChangelogEnds>,
): readonly AssignorMember[] {
  const actives = undisputedActives(states)
  return [...states].map(([memberId, state]) => {
    const { processId, standby, tags } = state
    const ownedActive = actives.get(memberId) ?? []
    return { memberId, processId, ownedActive, ownedStandby: standby, lags: lagsOf(state, ends), tags }
  })
}

export function asksForFollowUp({ byMember }: Decision): boolean {
  return [...byMember.values()].some(({ rejoinAfterRevocation }) => rejoinAfterRevocation)
}

function hasStandbys({ byMember }: Decision, states: ReadonlyMap<string, MemberState>): boolean {
  return [...byMember.values(), ...states.values()].some(({ standby }) => standby.length > 0)
}

/** Every member has exactly what it is to have. */
function isReached(decision: Decision, states: ReadonlyMap<string, MemberState>): boolean {
  if (asksForFollowUp(decision)) return false
  return [...decision.byMember].every(([memberId, { active }]) => {
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
  const begun = [...target].map(([memberId, { active, standby, warmup }]) => {
    const free = active.filter((task) => isFree(memberId, task, 'active'))
    // It follows the changelogs until the task is free.
    const kept = (states.get(memberId)?.standby ?? []).filter((task) => has(active, task) && !has(free, task))
    const now = {
      active: free,
      standby: [...standby.filter((task) => isFree(memberId, task, 'standby')), ...kept],
      warmup,
    }
    return [memberId, now] as const
  })
  return new Map(
    begun.map(([memberId, now]) => [memberId, { ...now, rejoinAfterRevocation: mustRejoin.has(memberId) }]),
  )
}

function has(tasks: readonly TaskId[], wanted: TaskId): boolean {
  return tasks.some(
    ({ subtopology, partition }) => subtopology === wanted.subtopology && partition === wanted.partition,
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
