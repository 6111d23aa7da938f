import type { Condition } from '../../pipelines/conditions/condition.ts'
import type { SeenFields } from '../../pipelines/conditions/seen-fields.ts'

/** Conditions of several rules: those of the same text look at a log once. */
export class SharedConditions {
  readonly #byText = new Map<string, Condition>()

  /** The condition, as all others of this text. */
  shared(text: string, condition: Condition): Condition {
    const known = this.#byText.get(text)
    if (known !== undefined) return known
    const once = onceForEachLog(condition)
    this.#byText.set(text, once)
    return once
  }
}

function onceForEachLog(condition: Condition): Condition {
  let last: SeenFields | undefined
  let answer = false
  return (log) => {
    if (log !== last) {
      last = log
      answer = condition(log)
    }
    return answer
  }
}
