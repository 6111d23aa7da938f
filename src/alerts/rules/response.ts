import { PipelineMistake } from '../../pipelines/index.ts'
import { at, each } from '../../pipelines/mistake.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { ResponseActionKind } from '../response-action.ts'
import type { RuleDefinition } from './definition.ts'

/** What is to be done about the alerts of a rule. */
export interface ResponsePlan {
  readonly action: ResponseActionKind
  /** A field of `groupBy`; undefined: nobody in particular. */
  readonly target: string | undefined
  readonly forMs: number
}

/** Throws PipelineMistakes for targets that no alert of the rule has. */
export function responsesOf({ respond = [], groupBy = [] }: RuleDefinition): readonly ResponsePlan[] {
  return Object.freeze(
    each(respond, ({ action, target, for: duration = '1h' }, index) =>
      at(['respond', index, 'target'], () => {
        const isOfTeam = action === 'alert-security-team'
        if (target === undefined && !isOfTeam)
          throw new PipelineMistake(`is missing: name the field whose value ${action} is for`)
        if (target !== undefined && !groupBy.includes(target))
          throw new PipelineMistake(`${target} is no field of groupBy: add it there, so that each value has an alert`)
        return Object.freeze({ action, target, forMs: durationMs(duration) })
      }),
    ),
  )
}
