import type { CollectorConfig } from './collector-options.ts'
import type { Intake } from './intake.ts'
import type { Tally } from './tally.ts'

/** What every input gets. */
export interface InputParts {
  readonly intake: Intake
  readonly tally: Tally
  readonly config: CollectorConfig
}

/** Something that brings records. */
export interface Input {
  /** The port that it listens on; undefined for one that fetches. */
  readonly port: number | undefined
  /** Connections that are open. */
  readonly connections: number
  /** Takes nothing new, and resolves when what it has taken is stored, or after the time. */
  close(timeoutMs: number): Promise<void>
}
