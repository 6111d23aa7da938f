/** Longer samples are cut. */
export const sampleLengthMax = 1000

/** What one log, or several that are alike, tell a rule about one group. It is JSON. */
export interface Observation {
  /** Event time, epoch milliseconds. */
  readonly timeMs: number
  /** How many logs. */
  readonly count: number
  /** How many of them are bad, for rules that say which are. */
  readonly bad?: number
  /** The sum of the measured field over several logs. */
  readonly sum?: number
  /** The value of the measured field, the same or the one that matters of all logs; for failed logins, how many the log tells of. */
  readonly number?: number
  /** The value of the watched field; for failed logins, the connection; for correlations, the rule. */
  readonly text?: string
  /** Steps of the sequence that the log is, from 0. */
  readonly steps?: readonly number[]
  /** A line that shows it, redacted. */
  readonly sample?: string
}
