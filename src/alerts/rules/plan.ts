import type { FieldPath } from '../../pipelines/index.ts'
import type { Condition } from '../../pipelines/conditions/condition.ts'
import type { Template } from '../../pipelines/template.ts'
import type { Severity } from '../severity.ts'
import type { Comparison } from './comparison.ts'
import type { NoDataAnswer, RuleDefinition } from './definition.ts'

/** What a window is reduced to. `quantile` names its share. */
export type MeasurePlan =
  | { readonly of: 'count' | 'share' | 'distinct' | 'failedLogins' | 'sum' | 'avg' | 'min' | 'max' }
  | { readonly of: 'quantile'; readonly share: number }

/** A pair of windows that must burn together. */
export interface BurnPlan {
  readonly longMs: number
  readonly shortMs: number
  readonly factor: number
  readonly severity: Severity
}

/** What a rule watches, by the way in which its state is kept. */
export type WatchPlan =
  /** `scale`: what the measure is multiplied by. */
  | { readonly by: 'window'; readonly measure: MeasurePlan; readonly scale: number }
  | { readonly by: 'burn-rate'; readonly budget: number; readonly windows: readonly BurnPlan[] }
  | { readonly by: 'new-term'; readonly learnMs: number; readonly memoryMs: number }
  | { readonly by: 'sequence'; readonly counts: readonly number[] }
  | { readonly by: 'correlation'; readonly rules: readonly string[] }
  | {
      readonly by: 'anomaly'
      readonly measure: MeasurePlan
      readonly memoryPoints: number
      readonly warmUpPoints: number
      readonly cooldownPoints: number
    }

/** What is read of a log. */
export interface ReadPlan {
  readonly where: Condition | undefined
  readonly bad: Condition | undefined
  readonly field: FieldPath | undefined
  readonly steps: readonly Condition[]
  readonly groupBy: readonly FieldPath[]
  /** Only logs that tell of failed logins count. */
  readonly isOfLogins: boolean
}

/** The condition of a severity. */
export interface FirePlan {
  readonly severity: Severity
  readonly limit: Comparison
}

/** A rule whose definition is right, frozen. Files and code compile to the same plan. */
export interface RulePlan {
  /** Name of the rule. */
  readonly name: string
  /** What it was made of. */
  readonly definition: RuleDefinition
  readonly read: ReadPlan
  readonly watch: WatchPlan
  /** Worst first. */
  readonly fire: readonly FirePlan[]
  readonly clear: Comparison
  readonly minimum: number
  readonly noData: NoDataAnswer
  /** A multiple of `everyMs`. */
  readonly windowMs: number
  readonly everyMs: number
  readonly graceMs: number
  readonly forMs: number
  readonly keepMs: number
  readonly forgetMs: number
  readonly summary: Template
  readonly links: Readonly<Record<string, Template>>
  readonly labels: Readonly<Record<string, string>>
}
