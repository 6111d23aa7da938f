/** What a log says about an attempt, as an enriched log has it. */
export interface LoginLog {
  /** The line or the JSON as it came; its message where that is not kept. */
  readonly text: string
  /** The host that wrote the log: never the source of an attempt. */
  readonly host?: string | undefined
  /** The address of the client, where a field holds it. */
  readonly ip?: string | undefined
  readonly statusCode?: number | undefined
}

export interface FailedLogin {
  /** An address or the name of a host; undefined: an attempt on the machine itself, or nobody is named. */
  readonly source: string | undefined
  readonly user?: string
  /** Equal for the lines that a daemon writes about one attempt; undefined: the line is the attempt. */
  readonly attempt?: string
  /** How many attempts the line stands for: `message repeated 5 times`. */
  readonly count: number
}
