import type { Serde } from '../serde/serde.ts'
import type { TimestampExtractor } from './node.ts'
import type { OffsetResetPolicy } from './offset-reset.ts'

/** How a source reads its topics; a serde that is missing falls back to the builder's default when the graph is written. */
export interface Consumed {
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  readonly timestampExtractor: TimestampExtractor | undefined
  readonly offsetReset: OffsetResetPolicy | undefined
}
