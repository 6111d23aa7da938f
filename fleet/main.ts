import { errorCode, errorMessage } from '../src/core/errors.ts'
import type { WorkerKind } from './kinds.ts'
import { readSettings } from './settings.ts'
import { runWorker } from './worker.ts'

/** The whole life of a worker process. Exit codes: 0 drained, 1 failed, 2 could not start for its settings or a server. */
export async function main(kind: WorkerKind): Promise<void> {
  try {
    // What is still being tried, such as to reach a Kafka that is away, must not hold the process.
    process.exit(await runWorker(kind, readSettings(process.env)))
  } catch (error) {
    console.error(`millrace ${kind}: ${errorCode(error) ?? 'UNKNOWN'}: ${errorMessage(error)}`)
    process.exit(2)
  }
}
