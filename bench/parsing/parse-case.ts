/** One thing that is done to a record, of which the processor time is measured. */
export interface ParseCase {
  readonly name: string
  /** Of the record or text. */
  readonly bytes: number
  /** Does it once. */
  readonly run: () => void
  /** The same for a record whose source nobody has seen, where that is another way. */
  readonly runNewSource?: () => void
}

/** Cases that are printed under one title. */
export interface CaseGroup {
  readonly title: string
  readonly cases: readonly ParseCase[]
}

/** When Kafka received the records of all cases. */
export const receivedMs = Date.parse('2026-11-24T08:00:01Z')
