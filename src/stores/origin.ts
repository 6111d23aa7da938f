import type { RecordContext } from './task-stores.ts'

/** Who let go of what goes downstream, where it is not what the record under way gives at once. */
export interface Origin {
  /** The node or store that held it. */
  readonly holder: string
  /** What was held: a key, a window with its key, a time. */
  readonly held: unknown
  /**
   * How often there can be such a thing:
   * - `record`: once for the source record that the context names: the newest change of a key
   * - `once`: once and for all, whichever record or clock lets it go: a closed window
   * - `moment`: at any moment anew, by a wall clock: nothing says that two are the same
   */
  readonly scope: 'record' | 'once' | 'moment'
}

/** Runs what goes downstream because somebody let go of it. */
export function letGo(context: RecordContext, origin: Origin, run: () => void): void {
  const before = context.origin
  context.origin = origin
  try {
    run()
  } finally {
    context.origin = before
  }
}
