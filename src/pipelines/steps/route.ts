import { compileCondition } from '../conditions/condition.ts'
import { fieldPath } from '../field-path.ts'
import { at, each } from '../mistake.ts'
import type { Step, StepKind } from '../step.ts'

/** Route to its condition. */
export type RouteOptions = Readonly<Record<string, string>>

const target = fieldPath('route')

/** Writes the first route whose condition the event meets into its field `route`. */
export const route: StepKind<RouteOptions> = {
  name: 'route',
  schema: {
    type: 'object',
    minProperties: 1,
    propertyNames: {
      pattern: '^(?!backfill)[a-z0-9][a-z0-9-]*$',
      description: 'a word of small letters, digits and hyphens that does not begin with backfill, such as audit',
    },
    additionalProperties: { type: 'string', minLength: 1 },
  },
  compile(options): Step {
    const routes = each(Object.entries(options), ([name, condition]) => ({
      name,
      meets: at([name], () => compileCondition(condition)),
    }))
    return {
      name: 'route',
      apply(event) {
        const found = routes.find(({ meets }) => meets(event))
        if (found !== undefined) event.set(target, found.name)
        return 'next'
      },
    }
  },
}
