import type { LogCase } from './log-case.ts'

/** What became of one field of a case. */
export interface FieldOutcome {
  readonly field: string
  readonly isRight: boolean
  readonly expected: unknown
  readonly actual: unknown
  /** Of a time: `none` where Kafka's time is used, `wrong` where another one was read and no tag tells so. */
  readonly fault?: 'none' | 'wrong'
}

export interface Outcome {
  readonly logCase: LogCase
  readonly fields: readonly FieldOutcome[]
  /** Why the record became a dead letter, although it has a readable line. */
  readonly refused?: string
}
