import { workerTap } from '../../src/cli/tap/worker-tap.ts'
import type { KafkaConnection, Streams } from '../../src/index.ts'
import { createMetrics, Health, startOpsServer } from '../../src/ops/index.ts'
import { type PreparedWorker, prepareWorker } from '../../src/worker/prepare-worker.ts'
import { startPrepared } from '../../src/worker/start-worker.ts'

/** A worker of a demonstration, with the HTTP server that it has as a process of its own. */
export interface ObservedWorker extends Pick<Streams, 'application' | 'close'> {
  /** `host:port` of its HTTP server. */
  readonly address: string
}

/** Starts a worker as `startWorker` does, and its HTTP server on a free port of this machine. */
export async function startObservedWorker(
  definition: Parameters<typeof prepareWorker>[0],
  kafka: KafkaConnection,
  options: Parameters<typeof prepareWorker>[1],
): Promise<ObservedWorker> {
  const worker = await prepareWorker(definition, options)
  const streams = await startPrepared(worker, kafka)
  const ops = await serve(worker, streams, kafka)
  return {
    application: streams.application,
    address: `127.0.0.1:${ops.port}`,
    close: async (closing) => {
      await ops.close()
      await streams.close(closing)
    },
  }
}

function serve(worker: PreparedWorker, { application }: Streams, kafka: KafkaConnection) {
  const status = () => application.status()
  const health = new Health({ status })
  const metrics = createMetrics({ status })
  return startOpsServer({
    port: 0,
    token: worker.settings.ops.token,
    live: () => health.live(),
    ready: () => health.ready(),
    metrics: () => metrics.text(),
    status,
    tap: workerTap(worker, kafka),
    admin: { application: () => application, topology: worker.topology, logger: worker.logger },
  })
}
