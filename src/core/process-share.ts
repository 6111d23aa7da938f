/** How many worker threads of the process make their own of what is bounded for the process; set once per thread. */
let sharers = 1

/** Called in a worker thread before anything is made. */
export function divideAmong(threads: number): void {
  sharers = Math.max(1, threads)
}

/** The part of this thread of a bound for the whole process: an equal one, at least 1. */
export function processShare(total: number): number {
  return Math.max(1, Math.floor(total / sharers))
}
