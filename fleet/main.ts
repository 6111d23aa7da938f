import { errorMessage } from '../src/core/errors.ts'
import type { WorkerKind } from './kinds.ts'
import { readFleetSettings } from './settings.ts'
import { runWorker } from './worker.ts'

/**
 * The whole life of a worker process. `stop` resolves when it is to end. Exit codes: 0 drained, 1 failed, 2 could not
 * start for its settings or a server, 3 drained in part: what is not committed is processed again by the next owner.
 */
export async function main(kind: WorkerKind, stop: Promise<string>): Promise<void> {
  try {
    // Pending attempts, such as to reach an unreachable Kafka, must not keep the process alive.
    process.exit(await runWorker(kind, readFleetSettings(process.env), stop))
  } catch (error) {
    console.error(`millrace ${kind}: ${errorMessage(error)}`)
    process.exit(2)
  }
}
