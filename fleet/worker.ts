import { join } from 'node:path'
import { errorCode, errorMessage, MillraceError } from '../src/core/errors.ts'
import { makeDirectory } from '../src/core/make-directory.ts'
import { createMetrics, createPinoLogger, Health, type Metrics, startOpsServer } from '../src/ops/index.ts'
import { type KafkaConnection, type Logger, startStreams, type Streams } from '../src/index.ts'
import type { AcceptableFault } from '../topologies/input-policy.ts'
import { avroLogs } from './avro-logs.ts'
import { ensureTopics } from './ensure-topics.ts'
import { openGeoLookup } from './geoip.ts'
import { type KindOptions, kindTopology, type WorkerKind } from './kinds.ts'
import type { SinkFactory } from '../src/sinks/index.ts'
import { kafkaConnection, offsetResetOf } from '../src/worker/index.ts'
import type { FleetSettings } from './settings.ts'
import { fleetSinks } from './sinks.ts'
import { maxMessageBytes, topics } from './topics.ts'

const bufferedRecordsPerPartition = 2000
const heartbeatIntervalMaxMs = 3000

export interface WorkerOptions {
  readonly kafka: KafkaConnection
  readonly pace: KindOptions['pace']
  readonly logger: Logger
  readonly sinks: readonly SinkFactory[]
  /** Passed on to say where it runs: in one process with others, or alone. */
  readonly metrics?: Metrics | undefined
}

/** Starts the stream application of one worker kind; resolves when its threads have begun to join the group. */
export async function startWorker(kind: WorkerKind, settings: FleetSettings, options: WorkerOptions): Promise<Streams> {
  const { kafka, pace, logger, sinks, metrics } = options
  const topology = kindTopology(kind, {
    sinks: sinks.map((sink) => sink.name),
    accept: settings.input.accept.split(',').filter(isFault),
    avro: avroLogs(settings.schemaRegistry),
    geo: settings.geoip.database === undefined ? undefined : await openGeoLookup(settings.geoip.database),
    pace,
  })
  return startStreams(
    {
      applicationId: applicationIdOf(kind, settings),
      clientId: `${settings.kafka.clientId}-${kind}`,
      groupInstanceId: settings.kafka.groupInstanceId,
      sessionTimeoutMs: settings.kafka.sessionTimeoutMs,
      heartbeatIntervalMs: Math.min(heartbeatIntervalMaxMs, Math.floor(settings.kafka.sessionTimeoutMs / 3)),
      kafka,
      stateDirectory: kafka.driver === 'memory' ? undefined : settings.state.directory,
      offsetReset: offsetResetOf(settings.kafka.offsetReset),
      offsetOutOfRange: settings.kafka.offsetOutOfRange,
      replicationFactor: settings.kafka.replicationFactor,
      commitIntervalMs: settings.commitIntervalMs,
      windowIdleMs: settings.windowIdleMs,
      bufferedRecordsPerPartition,
      producerCompression: 'lz4',
      producerLingerMs: 5,
      producerMaxRequestBytes: maxMessageBytes,
      deserializationHandler: 'continue',
      processingHandler: 'continue',
      productionHandler: 'continue',
      deadLetterTopic: topics.deadLetters.name,
      sinks,
      logger,
      listener: metrics?.listener,
    },
    topology,
  )
}

function applicationIdOf(kind: WorkerKind, { kafka }: FleetSettings): string {
  return `${kafka.groupPrefix}-${kind}`
}

function isFault(text: string): text is AcceptableFault {
  return text !== ''
}

/**
 * One worker as a process of its own: probes, metrics, and a drain once `stop` resolves. Resolves with the exit code.
 */
export async function runWorker(kind: WorkerKind, settings: FleetSettings, stop: Promise<string>): Promise<number> {
  const logger = createPinoLogger({ level: settings.logLevel }).child({ worker: kind })
  const kafka = kafkaConnection(settings.kafka, logger)
  let streams: Streams | undefined
  const status = () => streams?.application.status()
  const metrics = createMetrics({ status, bufferedRecordsPerPartition })
  const health = new Health({ status })
  const ops = await startOpsServer({
    ...settings.ops,
    live: () => health.live(),
    ready: () => health.ready(),
    metrics: () => metrics.text(),
    status,
  })
  const start = async (): Promise<Streams> => {
    await checkStateDirectory(join(settings.state.directory, applicationIdOf(kind, settings)))
    if (settings.kafka.createTopics) await ensureTopics(kafka, settings.kafka.replicationFactor)
    const sinks = fleetSinks(settings, logger)
    return startWorker(kind, settings, { kafka, pace: 'production', logger, sinks, metrics })
  }
  try {
    const started = await Promise.race([start(), stop])
    if (typeof started === 'string') {
      logger.info({ reason: started }, 'stopped before the start completed')
      return 0
    }
    streams = started
    const reason = await Promise.race([stop, failure(streams)])
    logger.info({ reason }, 'draining')
    const drained = await drain(streams, settings.drainTimeoutMs, logger)
    return reason === 'failed' ? 1 : drained ? 0 : 3
  } finally {
    await ops.close()
  }
}

/** Logged immediately: an unreachable Kafka may be waited for long before the application checks. */
async function checkStateDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
  } catch (cause) {
    const text = `state.directory (STATE_DIRECTORY): ${directory} cannot be made (${errorMessage(cause)}): let the process own the directory above, or set another`
    throw new MillraceError('STATE_DIRECTORY_UNUSABLE', 'fatal', text, { cause })
  }
}

/** False: not all could be flushed and committed in time. */
async function drain(streams: Streams, timeoutMs: number, logger: Logger): Promise<boolean> {
  try {
    await streams.close({ timeoutMs })
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
