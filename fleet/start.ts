import { join } from 'node:path'
import { errorMessage } from '../src/core/errors.ts'
import { type KafkaConnection, MemoryCluster, systemClock } from '../src/index.ts'
import { createPinoLogger } from '../src/ops/index.ts'
import { ensureTopics, kafkaConnection, stopSignal } from '../src/worker/index.ts'
import { demonstrationRulesFile } from './alert-files.ts'
import { alertsWorker } from './alerts-worker.ts'
import { fleetWorker } from './fleet-worker.ts'
import { workerKinds } from './kinds.ts'
import { readFleetSettings } from './settings.ts'
import { fleetSinks } from './sinks.ts'
import { countingSinks } from './start/counting-sinks.ts'
import { startDisplay } from './start/display.ts'
import { startFeeder, writeServices } from './start/feeder.ts'
import { startDemonstrationTail } from './start/live-tail.ts'
import { type ObservedWorker, startObservedWorker } from './start/observed-worker.ts'
import { readStartOptions, type StartOptions } from './start/options.ts'
import { checkHttp, checkKafka } from './start/reachable.ts'
import { snapshotOf } from './start/snapshot-of.ts'
import { startTail } from './start/tail.ts'
import { fleetTopics } from './topics.ts'

const retainedBytesMax = 64 * 1024 * 1024
const readyTimeoutMs = 60_000
const drainTimeoutMs = 30_000
const noProgressTimeoutMs = 10_000

/** `npm start`: the whole fleet in one process. */
async function start(options: StartOptions): Promise<void> {
  const environment = { ...environmentOf(options), ...process.env, ...givenOf(options) }
  const settings = readFleetSettings(environment)
  const logger = createPinoLogger({ level: 'info', file: join('.millrace', 'fleet.log') })
  const embedded = options.kafka === undefined
  const kafka: KafkaConnection = embedded
    ? { driver: 'memory', cluster: new MemoryCluster({ clock: systemClock, retainedBytesMax }) }
    : kafkaConnection(settings.kafka, logger)
  say(embedded ? 'starting the fleet on an in-process Kafka' : `starting the fleet on ${options.kafka}`)
  say(`files go to ${options.output}, the log to .millrace/fleet.log`)
  if (options.kafka !== undefined) await checkKafka(kafka, options.kafka)
  if (options.elasticsearch !== undefined) await checkHttp('Elasticsearch', options.elasticsearch)
  if (options.splunkHec !== undefined) await checkHttp('Splunk HEC', options.splunkHec)
  const { topic: liveTail } = settings.liveTail
  await ensureTopics(kafka, fleetTopics(embedded ? 1 : settings.kafka.replicationFactor, { liveTail }))
  await writeServices(kafka)

  const stop = Promise.race([stopSignal(), ended(options.durationSeconds)])
  const startedMs = systemClock.monotonicMs()
  const sinks = countingSinks(fleetSinks(settings, logger))
  const workers = new Map<string, ObservedWorker>()
  for (const kind of workerKinds) {
    const own = { environment, logger: () => logger, sinks: sinks.factories }
    workers.set(kind, await startObservedWorker(fleetWorker(kind, 'demonstration'), kafka, own))
  }
  const own = { environment, logger: () => logger }
  workers.set('alerts', await startObservedWorker(alertsWorker(environment), kafka, own))
  const addresses = [...workers.values()].map((worker) => worker.address).join(',')
  const shown = { ...settings, liveTail: { ...settings.liveTail, workers: addresses } }
  const liveTailServer = await startDemonstrationTail(kafka, shown, logger.child({ worker: 'live-tail' }))
  const address = `http://${settings.liveTail.host}:${liveTailServer.port}/`
  say(`logs as they pass: ${address} in a browser, or curl -N '${address}logs/stream?levels=error'`)
  const tail = await startTail(kafka, (alert) => display.alert(alert))
  const display = startDisplay(process.stdout, () =>
    snapshotOf(workers, tail.told(), sinks.documents(), systemClock.monotonicMs() - startedMs),
  )
  await Promise.all([...workers.values()].map((worker) => worker.application.waitFor('RUNNING', readyTimeoutMs)))
  const feeder = options.logs === 'generated' ? await startFeeder(kafka, options) : undefined

  const ends = [...workers.values()].map(({ application }) => application.ended.catch(() => application.failure))
  const failure = await Promise.race([stop.then(() => undefined), ...ends])
  say('draining: everything taken is flushed and committed')
  await feeder?.stop()
  if (embedded) await readToTheEnd(workers)
  await Promise.all([...workers.values()].map((worker) => worker.close({ timeoutMs: drainTimeoutMs })))
  await tail.stop()
  await liveTailServer.close()
  display.stop()
  say('drained')
  if (failure !== undefined) throw failure
}

/** The embedded Kafka ends with the process: what the feeder wrote last is still to be processed. */
async function readToTheEnd(workers: ReadonlyMap<string, ObservedWorker>): Promise<void> {
  let [processed, progressAtMs, quietRounds] = [-1, systemClock.monotonicMs(), 0]
  while (quietRounds < 3 && systemClock.monotonicMs() < progressAtMs + noProgressTimeoutMs) {
    await systemClock.sleep(100)
    const total = [...workers.values()].reduce((sum, { application }) => sum + application.status().totals.processed, 0)
    if (total !== processed) [processed, progressAtMs] = [total, systemClock.monotonicMs()]
    const partitions = [...workers.values()].flatMap(({ application }) =>
      application.status().tasks.flatMap((task) => task.partitions),
    )
    quietRounds = partitions.every(({ lagRecords }) => lagRecords === undefined || lagRecords === 0)
      ? quietRounds + 1
      : 0
  }
}

/** What the command line implies, where neither it nor the environment says otherwise. */
function environmentOf(options: StartOptions): Record<string, string> {
  return {
    FILES_DIRECTORY: options.output,
    COMMIT_INTERVAL_MS: '1000',
    ALERTS_FILE: demonstrationRulesFile(),
    LIVE_TAIL_TOPIC: 'fastmcp-enriched-logs',
    ...(options.kafka === undefined ? { KAFKA_OFFSET_RESET: 'earliest' } : {}),
  }
}

/** What the command line says: it wins over the environment. */
function givenOf(options: StartOptions): Record<string, string> {
  const given: Record<string, string> = {}
  if (options.kafka !== undefined) given.KAFKA_BOOTSTRAP_SERVERS = options.kafka
  if (options.elasticsearch !== undefined) given.ELASTICSEARCH_URL = options.elasticsearch
  if (options.splunkHec !== undefined) given.SPLUNK_HEC_URL = options.splunkHec
  if (options.schemaRegistry !== undefined) given.SCHEMA_REGISTRY_URL = options.schemaRegistry
  return given
}

function ended(durationSeconds: number | undefined): Promise<void> {
  return durationSeconds === undefined ? new Promise(() => {}) : systemClock.sleep(durationSeconds * 1000)
}

function say(line: string): void {
  process.stderr.write(`millrace: ${line}\n`)
}

const options = readStartOptions(process.argv.slice(2))
if ('exitCode' in options) {
  process.exitCode = options.exitCode
} else {
  try {
    await start(options)
    process.exit(0)
  } catch (error) {
    say(errorMessage(error))
    process.exit(2)
  }
}
