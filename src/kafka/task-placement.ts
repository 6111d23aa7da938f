/** What a member says of the state of tasks, and where it goes. */
export interface TaskPlacement {
  /** How many copies of the state of each task other members keep up to date. 0: none. */
  readonly standbyReplicas: number
  /** A member whose state of a task lacks at most this many records may take the task over at once (KIP-441). */
  readonly acceptableRecoveryLag: number
  /** How many tasks the group restores at their new members concurrently, before they move there. */
  readonly maxWarmupReplicas: number
  /** How often the group looks whether tasks may move to their new members, in milliseconds. */
  readonly probingRebalanceIntervalMs: number
  /** Where the process is, such as `zone` and its value (KIP-708). */
  readonly clientTags: Readonly<Record<string, string>>
  /** Tags in whose values the copies of a task should differ, the most important first. */
  readonly rackAwareAssignmentTags: readonly string[]
  /** Returns the tasks that are open in this process, with the number of records that their state lacks. */
  readonly taskLags: () => ReadonlyMap<string, number>
  /** Returns how far the state of tasks on this disk is: the sum of the offsets of their changelogs. */
  readonly taskPositions: () => ReadonlyMap<string, number>
}
