/**
 * How often any store of the process was written to. What runs without an await in between compares two looks at it, to
 * know whether it has changed state.
 */
export const changes = { count: 0 }
