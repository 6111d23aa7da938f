import { errorCode, errorMessage } from '../../core/errors.ts'
import { Health } from '../../ops/health.ts'
import { type OpsServer, startOpsServer } from '../../ops/http.ts'
import { createMetrics } from '../../ops/metrics.ts'
import type { ReplayEnd } from '../../replay/run-replay.ts'
import type { Replays } from '../../replay/replays.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'

interface ServedReplay {
  readonly replays: Replays
  readonly worker: PreparedWorker
  readonly id: string
  readonly warn: (sentence: string) => void
}

/**
 * Runs a replay with the probes and metrics of a worker on `ops.port`. Where the live worker of the same machine has
 * that port, it runs without them, with a warning. Rejects as `Replays.run`.
 */
export async function runServed({ replays, worker, id, warn }: ServedReplay): Promise<ReplayEnd> {
  const { settings, engine } = worker
  const { bufferedRecordsPerPartition } = engine
  const stateDirectory = settings.state.directory
  const status = () => replays.applicationStatus(id)
  const metrics = createMetrics({ status, bufferedRecordsPerPartition, stateDirectory, replay: id })
  const health = new Health({ status })
  const server = await startOpsServer({
    ...settings.ops,
    live: () => health.live(),
    ready: () => health.ready(),
    metrics: () => metrics.text(),
    status,
  }).catch((error: unknown): OpsServer | undefined => {
    if (errorCode(error) !== 'OPS_PORT_IN_USE') throw error
    warn(`no probes and metrics: ${errorMessage(error)}`)
    return undefined
  })
  try {
    return await replays.run(id, { listener: metrics.listener })
  } finally {
    await server?.close()
  }
}
