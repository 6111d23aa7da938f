import type { SeenFields } from '../../pipelines/conditions/seen-fields.ts'
import type { FailedLogin } from '../../pipelines/index.ts'

/** What rules read of a log. */
export interface RuleLog extends SeenFields {
  /** The failed login that it tells of; undefined: of none. */
  readonly login: FailedLogin | undefined
  /** A line that shows it, redacted. Only the newest logs are asked for it. */
  readonly sample: string
  /** Its document as JSON. */
  toText(): string
}
