import type { Step, StepKind } from '../step.ts'

/** Ends an event. Nearly always with a condition: `when:`. */
export const drop: StepKind<object> = {
  name: 'drop',
  schema: { type: 'object', additionalProperties: false, maxProperties: 0 },
  compile: (): Step => ({ name: 'drop', apply: () => 'dropped' }),
}
