import type { LogEvent } from './log-event.ts'

/** Is told of what a pipeline does not pass on as it is. */
export interface PipelineObserver {
  /**
   * A step has removed the event. `key` is what the step counts by, its source for most. Fields whose name a rule of the
   * redaction hides are hidden in it; their texts are as they came.
   */
  removed?(step: string, key: string, event: LogEvent): void
  /** A step could not do what it is for. The event continues. */
  failed?(step: string, event: LogEvent): void
  /** A step was applied. One that failed has added its tags. */
  applied?(step: string, event: LogEvent): void
  /** The condition of a branch was looked at: its `steps` follow where it is met, else those of its `else`. */
  branched?(branch: string, isMet: boolean, event: LogEvent): void
}
