/** Index lifecycle of the logs: hot, warm after 3 days, cold and read-only after 7, gone after 90. */
export const logLifecycle = Object.freeze({
  phases: {
    hot: { min_age: '0ms', actions: { set_priority: { priority: 100 } } },
    warm: { min_age: '3d', actions: { set_priority: { priority: 50 }, forcemerge: { max_num_segments: 1 } } },
    cold: { min_age: '7d', actions: { set_priority: { priority: 0 }, readonly: {} } },
    delete: { min_age: '90d', actions: { delete: {} } },
  },
})

/** That of old logs: nothing more is expected of them, and 90 days count from when they were loaded. */
export const oldLogLifecycle = Object.freeze({
  phases: {
    hot: { min_age: '0ms', actions: { set_priority: { priority: 0 } } },
    warm: { min_age: '3d', actions: { forcemerge: { max_num_segments: 1 } } },
    delete: { min_age: '90d', actions: { delete: {} } },
  },
})
