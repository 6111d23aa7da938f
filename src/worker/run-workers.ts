import type { KafkaConnection } from '../app.ts'
import type { TapSource } from '../ops/tap-stream.ts'
import { MillraceError } from '../core/errors.ts'
import type { PreparedWorker } from './prepare-worker.ts'
import { runApplication, type WorkerExitCode } from './run-application.ts'
import { type PreparedService, runService } from './run-service.ts'

export interface RunOptions {
  /** Resolves when the process is to end. */
  readonly stop: Promise<string>
  /** Instead of the servers that the settings name. */
  readonly kafka?: KafkaConnection | undefined
  /** What `/tap/NAME` of a worker shows. Default: there is no such page. */
  readonly tap?: ((worker: PreparedWorker, kafka: KafkaConnection | undefined) => TapSource) | undefined
}

/**
 * Runs workers and services in one process, each worker an application of its own, until `stop` resolves or one of them
 * ends: then the others drain too. The probes of the first are on OPS_PORT, those of each next one on the next port.
 * Resolves with the exit code; rejects with the first error when one could not start.
 */
export async function runWorkers(
  workers: readonly (PreparedWorker | PreparedService)[],
  { stop, kafka, tap }: RunOptions,
): Promise<Exclude<WorkerExitCode, 2>> {
  checkApplicationIds(workers.filter((worker) => 'topology' in worker))
  let endAll: (reason: string) => void = () => {}
  const end = new Promise<string>((resolve) => {
    endAll = resolve
    void stop.then(resolve)
  })
  const lives = workers.map(async (worker, index) => {
    const { port } = worker.settings.ops
    try {
      const opsPort = port === 0 ? 0 : port + index
      if ('definition' in worker) return await runService(worker, { stop: end, opsPort, kafka })
      return await runApplication(worker, { stop: end, opsPort, kafka, tap })
    } finally {
      endAll(`worker ${worker.name} has ended`)
    }
  })
  const ends = await Promise.allSettled(lives)
  const codes = ends.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  return codes.includes(1) ? 1 : codes.includes(3) ? 3 : 0
}

/** Two topologies in one group would take each other's partitions. */
function checkApplicationIds(workers: readonly PreparedWorker[]): void {
  const ids = workers.map(({ applicationId }) => applicationId)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice === undefined) return
  const names = workers.filter(({ applicationId }) => applicationId === twice).map(({ name }) => name)
  throw new MillraceError(
    'INVALID_SETTINGS',
    'fatal',
    `applicationId (APPLICATION_ID) is ${twice} for ${names.join(' and ')}: leave it unset where several modules run in one process, and give them different names`,
  )
}
