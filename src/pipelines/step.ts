import type { LogEvent } from './log-event.ts'
import type { Template } from './template.ts'

/**
 * What becomes of an event after a step: `next` continues; `failed` continues too, tagged `_parse_failure` and counted by
 * source and reason; `dropped` ends here, counted by step and source.
 */
export type StepResult = 'next' | 'failed' | 'dropped'

/**
 * One compiled step of a pipeline. `apply` is called for each event, synchronously; it takes time that is linear in the
 * length of the event, whatever the event holds, and never throws for what an event holds.
 */
export interface Step {
  /** What counters and `pipeline try` call it. */
  readonly name: string
  /** Changes the event. */
  apply(event: LogEvent): StepResult
  /** What removed events are counted by, together with their source. */
  readonly keyOf?: Template
  /** The same step with counts or hints of its own, for one task. Without it, the tasks share the step. */
  forTask?(): Step
}

/** A kind of step: what its options may be, and how they become a step. */
export interface StepKind<Options> {
  /** Its member in a step of a pipeline file. */
  readonly name: string
  /** JSON Schema of the options; mistakes are reported by it, with the line of the file. */
  readonly schema: object
  /** Called once, when the pipeline is loaded: reads the files that the options name. Throws a PipelineMistake that names the option, its value and the fix. */
  compile(options: Options): Step
}
