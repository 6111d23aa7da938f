import { type KafkaConnection, openKafka } from '../app.ts'
import { errorCode, errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { createMetrics } from '../ops/metrics.ts'
import { type Probe, startOpsServer } from '../ops/http.ts'
import { ensureTopics } from './ensure-topics.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { readSettings, type SettingsSource } from './read-settings.ts'
import type { Service, ServiceDefinition } from './service-definition.ts'
import type { WorkerExitCode } from './run-application.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** A service with its settings read. */
export interface PreparedService {
  readonly name: string
  readonly definition: ServiceDefinition
  readonly settings: WorkerSettings
  /** Logs with the name of the service. */
  readonly logger: Logger
}

/** Reads the settings; nothing is connected. Throws INVALID_SETTINGS. */
export function prepareService(
  definition: ServiceDefinition,
  options: Pick<SettingsSource, 'environment' | 'unknownNames'> & {
    readonly logger: (settings: WorkerSettings) => Logger
  },
): PreparedService {
  const { environment, unknownNames } = options
  const { name } = definition
  const settings = readSettings({ environment, own: definition.settings, unknownNames })
  return Object.freeze({ name, definition, settings, logger: options.logger(settings).child({ worker: name }) })
}

/**
 * A service of a process, from its probes to its end once `stop` resolves. Resolves with the exit code; rejects when it
 * could not start.
 */
export async function runService(
  { definition, settings, logger }: PreparedService,
  {
    stop,
    opsPort,
    kafka,
  }: { readonly stop: Promise<string>; readonly opsPort: number; readonly kafka: KafkaConnection | undefined },
): Promise<Exclude<WorkerExitCode, 2>> {
  const metrics = createMetrics({ status: () => undefined })
  let ready: Probe = { ok: false, reason: 'starting' }
  const ops = await startOpsServer({
    ...settings.ops,
    port: opsPort,
    live: () => ({ ok: true, reason: 'the process answers' }),
    ready: () => ready,
    metrics: () => metrics.text(),
  })
  const connection = kafka ?? kafkaConnection(settings.kafka, logger)
  const driver = openKafka(connection, logger)
  const start = async (): Promise<Service> => {
    if (settings.kafka.createTopics) await ensureTopics(connection, definition.topics?.(settings) ?? [])
    return definition.start({ settings, kafka: driver, metrics: metrics.registry, logger })
  }
  try {
    const starting = start()
    const service = await Promise.race([starting, stop])
    if (typeof service === 'string') {
      logger.info({ reason: service }, 'stopped before the start completed')
      // The process ends without waiting for it; a test continues.
      starting.then((late) => late.close()).catch(() => {})
      return 0
    }
    ready = { ok: true, reason: 'RUNNING' }
    const reason = await Promise.race([stop, failureOf(service.ended, logger)])
    ready = { ok: false, reason: 'closing' }
    logger.info({ reason }, 'closing')
    await service.close()
    return reason === 'failed' ? 1 : 0
  } finally {
    await driver.close()
    await ops.close()
  }
}

/** Resolves when the service has failed. */
function failureOf(ended: Promise<void>, logger: Logger): Promise<'failed'> {
  return new Promise((resolve) => {
    ended.catch((error: unknown) => {
      logger.error({ code: errorCode(error), error: errorMessage(error) }, 'the service has failed')
      resolve('failed')
    })
  })
}
