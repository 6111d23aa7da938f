/**
 * Why a group assigned its tasks again.
 * - `member-joined`: a member came, this one or another
 * - `member-left`: a member left, or its session was over
 * - `member-fenced`: the group removed a member that still ran, and that member joined again
 * - `tasks-given-back`: tasks that had to be closed first go to their new members (classic protocol)
 * - `state-caught-up`: the state of a task is complete where the task belongs (classic protocol)
 * - `probing`: the group looks whether tasks can move to where they belong (classic protocol)
 * - `topics-changed`: source topics were created or deleted, or have more partitions
 * - `unknown`: the group does not say, as after a change of its settings
 */
export type RebalanceCause = (typeof rebalanceCauses)[number]

const rebalanceCauses = [
  'member-joined',
  'member-left',
  'member-fenced',
  'tasks-given-back',
  'state-caught-up',
  'probing',
  'topics-changed',
  'unknown',
] as const

/** Of what another process says. */
export function isRebalanceCause(text: string): text is RebalanceCause {
  return rebalanceCauses.some((cause) => cause === text)
}

/**
 * A rebalance as one member hears of it: the group has assigned its tasks again, also where this member keeps what it has.
 * What happens between two heartbeats is one rebalance.
 */
export interface Rebalance {
  readonly cause: RebalanceCause
  /** What is known in addition, such as who joined, in plain words; it may be empty. */
  readonly detail: string
}
