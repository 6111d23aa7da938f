import type { Condition } from './conditions/condition.ts'
import type { LogEvent } from './log-event.ts'
import type { PipelineObserver } from './pipeline-observer.ts'
import type { Step } from './step.ts'
import type { ShownField } from './template.ts'

/** Whom steps tell of what they do, and what of it is shown. */
export interface StepAudience {
  readonly observer: PipelineObserver
  readonly shown: ShownField
}

/** A step of a pipeline with its condition, or a branch. */
export interface RunningStep {
  /** Changes the event; false: it was removed. */
  passes(event: LogEvent, audience: StepAudience): boolean
  /** The same with counts of its own, for one task. */
  forTask(): RunningStep
}

/** Whether an event is left after all of the steps. */
export function passesAll(steps: readonly RunningStep[], event: LogEvent, audience: StepAudience): boolean {
  for (const step of steps) if (!step.passes(event, audience)) return false
  return true
}

/** A step that is applied where its condition is met. */
export class ConditionalStep implements RunningStep {
  readonly step: Step
  readonly #name: string
  readonly #meets: Condition | undefined
  readonly #tagOnFailure: string | undefined

  constructor(name: string, step: Step, meets: Condition | undefined, tagOnFailure: string | undefined) {
    this.#name = name
    this.step = step
    this.#meets = meets
    this.#tagOnFailure = tagOnFailure
  }

  passes(event: LogEvent, { observer, shown }: StepAudience): boolean {
    if (this.#meets?.(event) === false) return true
    const result = this.step.apply(event)
    if (result === 'failed') {
      event.tag('_parse_failure')
      if (this.#tagOnFailure !== undefined) event.tag(this.#tagOnFailure)
      observer.failed?.(this.#name, event)
    }
    observer.applied?.(this.#name, event)
    if (result === 'dropped') {
      observer.removed?.(this.#name, this.step.keyOf?.(event, shown) ?? event.source, event)
      return false
    }
    return true
  }

  forTask(): RunningStep {
    const step = this.step.forTask?.()
    return step === undefined ? this : new ConditionalStep(this.#name, step, this.#meets, this.#tagOnFailure)
  }
}

/** Steps for the events that meet a condition, and others for the rest. It looks once: what the steps change is not asked again. */
export class Branch implements RunningStep {
  readonly #name: string
  readonly #meets: Condition
  readonly #steps: readonly RunningStep[]
  readonly #others: readonly RunningStep[]

  constructor(name: string, meets: Condition, steps: readonly RunningStep[], others: readonly RunningStep[]) {
    this.#name = name
    this.#meets = meets
    this.#steps = steps
    this.#others = others
  }

  passes(event: LogEvent, audience: StepAudience): boolean {
    const isMet = this.#meets(event)
    audience.observer.branched?.(this.#name, isMet, event)
    return passesAll(isMet ? this.#steps : this.#others, event, audience)
  }

  forTask(): RunningStep {
    const [steps, others] = [this.#steps, this.#others].map((list) => list.map((step) => step.forTask()))
    return new Branch(this.#name, this.#meets, steps ?? [], others ?? [])
  }
}
