import type { FieldPath } from '../field-path.ts'
import type { FieldValue } from '../field-value.ts'

/** What conditions look at: an event of a pipeline, or a finished log. */
export interface SeenFields {
  /** The value of a field; undefined: there is none. */
  seen(path: FieldPath): FieldValue | undefined
}
