import { isService, type Runnable } from './load-worker.ts'
import { type PreparedWorker, type PrepareOptions, prepareWorker } from './prepare-worker.ts'
import { type PreparedService, prepareService } from './run-service.ts'

/** Reads the settings of a worker or a service, and builds the topology of a worker; nothing is connected. */
export async function prepareRunnable(
  runnable: Runnable,
  options: PrepareOptions,
): Promise<PreparedWorker | PreparedService> {
  return isService(runnable) ? prepareService(runnable, options) : prepareWorker(runnable, options)
}
