import type { KafkaConnection } from '../app.ts'
import type { WorkerExitCode } from '../worker/run-application.ts'

/** A stream of text that a command writes to. */
export interface TextOutput {
  write(text: string): void
  /** A person reads it: colors and views that redraw are welcome. */
  readonly isTerminal: boolean
  /** Characters per line; 80 where it is not known. */
  readonly columns: number
}

/** The process around a command; tests give their own. */
export interface Host {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The working directory: relative paths of arguments start here. */
  readonly directory: string
  readonly out: TextOutput
  readonly errors: TextOutput
  /** Instead of the servers that the settings name; tests give a cluster in memory. */
  readonly kafka?: KafkaConnection | undefined
  /** Everything on standard input. */
  readInput(): Promise<string>
  /** The lines of standard input, as they come. */
  lines(): AsyncIterable<string>
  /**
   * Resolves with the name of the signal when the process is asked to end. A command that reads it ends by itself then;
   * any other is ended at once.
   */
  readonly stop: Promise<string>
  /** Who runs the command, as audit entries name it: `user@host`. */
  readonly user: string
}

/**
 * 0: fine. 1: the command did its work and found something. 2: it could not do its work. Those of `run` are those of a
 * worker, which may be drained in part: 3.
 */
export type ExitCode = WorkerExitCode
