import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KafkaConnection, Streams } from '../app.ts'
import { errorCode, errorMessage, MillraceError } from '../core/errors.ts'
import { isDiskFull } from '../core/full-disk.ts'
import type { Logger } from '../core/logger.ts'
import { makeDirectory } from '../core/make-directory.ts'
import { createMetrics } from '../ops/metrics.ts'
import { Health } from '../ops/health.ts'
import { startOpsServer } from '../ops/http.ts'
import type { TapSource } from '../ops/tap-stream.ts'
import { openTracer } from './open-tracer.ts'
import { kafkaConnection } from './kafka-connection.ts'
import type { PreparedWorker } from './prepare-worker.ts'
import { startPrepared } from './start-worker.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** 0: drained. 1: failed while it ran. 2: could not start. 3: drained in part; the next owner processes the rest again. */
export type WorkerExitCode = 0 | 1 | 2 | 3

/** How one application of a process runs. */
interface ApplicationRun {
  readonly stop: Promise<string>
  readonly opsPort: number
  readonly kafka: KafkaConnection | undefined
  readonly tap: ((worker: PreparedWorker, kafka: KafkaConnection | undefined) => TapSource) | undefined
}

/**
 * One application of a process, from its probes to its drain once `stop` resolves. Resolves with the exit code; rejects
 * when it could not start. The probes answer from the beginning to the end.
 */
export async function runApplication(
  worker: PreparedWorker,
  { stop, opsPort, kafka, tap }: ApplicationRun,
): Promise<Exclude<WorkerExitCode, 2>> {
  const { settings, engine, logger } = worker
  let streams: Streams | undefined
  const status = () => streams?.application.status()
  const { bufferedRecordsPerPartition, memoryMegabytesMax } = engine
  const stateDirectory = settings.state.directory
  const clientConnections = (): number => ops.connections
  const metrics = createMetrics({
    status,
    bufferedRecordsPerPartition,
    memoryMegabytesMax,
    stateDirectory,
    clientConnections,
  })
  const health = new Health({ status })
  const tracer = openTracer(worker)
  const tracing = tracer && { tracer, sampleRatio: settings.traces.sampleRatio }
  const ops = await startOpsServer({
    ...settings.ops,
    port: opsPort,
    live: () => health.live(),
    ready: () => health.ready(),
    metrics: () => metrics.text(),
    status,
    tap: tap?.(worker, kafka),
    admin: { application: () => streams?.application, topology: worker.topology, logger },
  })
  try {
    const connection = kafka ?? kafkaConnection(settings.kafka, logger)
    const starting = startOn(reachable(worker, ops.port), connection, { listener: metrics.listener, tracing })
    const started = await Promise.race([starting, stop])
    if (typeof started === 'string') {
      logger.info({ reason: started }, 'stopped before the start completed')
      // The process ends without waiting for it; a test continues.
      starting.then((late) => late.close()).catch(() => {})
      return 0
    }
    streams = started
    const reason = await Promise.race([stop, failure(streams)])
    logger.info({ reason }, 'draining')
    const isDrained = await drain(streams, settings, logger)
    return reason === 'failed' ? 1 : isDrained ? 0 : 3
  } finally {
    await tracer?.close()
    await ops.close()
  }
}

const everyAddress: readonly string[] = ['0.0.0.0', '::', '']

/** The members of the group tell each other where the server for queries is. */
function reachable(worker: PreparedWorker, port: number): PreparedWorker {
  const { host, advertisedHost = everyAddress.includes(host) ? undefined : host } = worker.settings.ops
  if (advertisedHost === undefined || worker.engine.applicationServer !== undefined) return worker
  const name = advertisedHost.includes(':') ? `[${advertisedHost}]` : advertisedHost
  return { ...worker, engine: { ...worker.engine, applicationServer: `${name}:${port}` } }
}

async function startOn(
  worker: PreparedWorker,
  kafka: KafkaConnection,
  observers: Parameters<typeof startPrepared>[2],
): Promise<Streams> {
  if (kafka.driver !== 'memory') await checkStateDirectory(join(worker.settings.state.directory, worker.applicationId))
  return startPrepared(worker, kafka, observers)
}

/** Reported immediately: an unreachable Kafka may be waited for long before the application checks. */
async function checkStateDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
  } catch (cause) {
    // The application waits until there is space.
    if (isDiskFull(cause)) return
    const text = `state.directory (STATE_DIRECTORY): ${directory} cannot be made (${errorMessage(cause)}): give the process write access to the parent directory, or set another`
    throw new MillraceError('STATE_DIRECTORY_UNUSABLE', 'fatal', text, { cause })
  }
}

/** False: not all could be flushed and committed in time. */
async function drain(streams: Streams, settings: WorkerSettings, logger: Logger): Promise<boolean> {
  const { leaveGroupFile } = settings.kafka
  try {
    const leaveGroup = leaveGroupFile !== undefined && existsSync(leaveGroupFile)
    await streams.close({ timeoutMs: settings.drainTimeoutMs, leaveGroup })
    return true
  } catch (error) {
    const told = { code: errorCode(error), error: errorMessage(error) }
    logger.error(told, 'partly drained: uncommitted records are processed again by the next owner')
    return false
  }
}

/** Resolves when the application has failed for good. */
function failure({ application }: Streams): Promise<'failed'> {
  return new Promise((resolve) => {
    application.ended.catch(() => resolve('failed'))
  })
}
