/** What a log says about an attempt, as an enriched log has it. */
export interface LoginLog {
  /**
   * The line as it came, or a document of JSON: its `event.original` is read where it is kept, else its message and
   * fields.
   */
  readonly text: string
  /** The message, where it is at hand: most logs are left at a look at it and a few signs in the text. */
  readonly message?: string | undefined
  /** The host that wrote the log: never the source of an attempt. */
  readonly host?: string | undefined
  /** The address of the client, where a field holds it. */
  readonly ip?: string | undefined
  /** Of a request; 401 and 403 are failed logins where the request is one. */
  readonly statusCode?: number | undefined
  /** The text has no fields that may tell of an attempt, besides the message and those given here. */
  readonly isFlat?: boolean
}

/** One line or event that tells of a failed login. */
export interface FailedLogin {
  /** An address or the name of a host; undefined: an attempt on the machine itself, or nobody is named. */
  readonly source: string | undefined
  /** The name that was tried, where the line has one. */
  readonly user?: string
  /** Equal for the lines that a daemon writes about one connection; undefined: the line is the attempt. */
  readonly connection?: string
  /**
   * How many attempts the line tells of by itself (`message repeated 5 times`); 0: it counts only where no other line of
   * its connection tells of one.
   */
  readonly count: number
}
