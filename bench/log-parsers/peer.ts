/** The lines that peers are compared on: one file for each. */
export const sourceNames = ['nginx', 'syslog', 'pino', 'spring', 'sshd'] as const
export type SourceName = (typeof sourceNames)[number]

/** What a peer has to do: the fields, time and level of each line of the input, as one line of JSON of the output. */
export interface Job {
  readonly source: SourceName
  readonly lines: number
  readonly input: string
  readonly output: string
  /** For configurations and state; empty before. */
  readonly folder: string
}

export interface Cost {
  /** From the start of the process to its last document. */
  readonly seconds: number
  /** User and system time of the process, its start included. */
  readonly cpuSeconds: number
}

/** Another program that makes documents of lines. */
export interface Peer {
  readonly name: string
  /** Undefined: it is not installed. */
  readonly version: () => string | undefined
  /** How to get it. */
  readonly install: string
  readonly run: (job: Job) => Promise<Cost>
}
