import type { DetectorSettings } from '../../detection/index.ts'
import type { FieldPath } from '../../pipelines/index.ts'
import type { Condition } from '../../pipelines/conditions/condition.ts'
import type { Template } from '../../pipelines/template.ts'
import type { Severity } from '../severity.ts'
import type { Comparison } from './comparison.ts'
import type { NoDataAnswer, RuleDefinition } from './definition.ts'
import type { ResponsePlan } from './response.ts'

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
  /** The same in any order. */
  | { readonly by: 'together'; readonly counts: readonly number[] }
  /** How many logs, and what of the newest one matched. */
  | { readonly by: 'matches' }
  | { readonly by: 'correlation'; readonly rules: readonly string[] }
  | {
      readonly by: 'anomaly'
      readonly measure: MeasurePlan
      readonly detector: DetectorSettings
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
  /** What is read of a log. */
  readonly read: ReadPlan
  /** What is watched, by the way in which state is kept. */
  readonly watch: WatchPlan
  /** Worst first. */
  readonly fire: readonly FirePlan[]
  /** Whether large values fire. */
  readonly firesAbove: boolean
  /** What ends an alert. */
  readonly clear: Comparison
  /** The mildest that the rule names: of alerts about missing data. */
  readonly severity: Severity
  /** Fewer logs in the window do not fire. */
  readonly minimum: number
  /** What becomes of an alert when no logs come. */
  readonly noData: NoDataAnswer
  /** A multiple of `everyMs`. */
  readonly windowMs: number
  /** Size of a bucket: points of time are multiples of it. */
  readonly everyMs: number
  /** How late a log may come. */
  readonly graceMs: number
  /** How long the condition must hold before it fires. */
  readonly forMs: number
  /** How long the clear condition must hold before it is over. */
  readonly keepMs: number
  /** When a group without logs is forgotten. */
  readonly forgetMs: number
  /** One sentence for people. */
  readonly summary: Template
  /** Addresses by name. */
  readonly links: Readonly<Record<string, Template>>
  /** Passed on with each alert. */
  readonly labels: Readonly<Record<string, string>>
  /** What should be done when it fires. */
  readonly respond: readonly ResponsePlan[]
}
