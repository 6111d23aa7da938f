export interface DailyLifecycle {
  /** Ages of an index, counted from the day in its name. */
  readonly warmAfterDays: number
  readonly coldAfterDays: number
  readonly deleteAfterDays: number
}

/**
 * The `policy` of daily indices: hot from the start, then the three steps. There is no rollover: the day is in the name,
 * so that a record goes to the same index whenever it is delivered. Documents that come later than `warmAfterDays` find
 * a read-only index and are rejected.
 */
export function dailyLifecycle({
  warmAfterDays,
  coldAfterDays,
  deleteAfterDays,
}: DailyLifecycle): Record<string, unknown> {
  return {
    phases: {
      hot: { min_age: '0ms', actions: { set_priority: { priority: 100 } } },
      warm: {
        min_age: `${warmAfterDays}d`,
        actions: { set_priority: { priority: 50 }, readonly: {}, forcemerge: { max_num_segments: 1 } },
      },
      cold: {
        min_age: `${coldAfterDays}d`,
        actions: { set_priority: { priority: 0 }, allocate: { number_of_replicas: 0 } },
      },
      delete: { min_age: `${deleteAfterDays}d`, actions: { delete: {} } },
    },
  }
}
