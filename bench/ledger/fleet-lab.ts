import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureTopics } from '../../src/worker/index.ts'
import { writeServices } from '../../fleet/start/feeder.ts'
import { type WorkerKind, workerKinds } from '../../fleet/kinds.ts'
import { fleetTopics, topics } from '../../fleet/topics.ts'
import { startKafka } from '../../test/support/kafka-cluster.ts'
import { HttpFaultProxy } from '../../test/support/http-fault-proxy.ts'
import { startOpenSearch } from '../../test/support/opensearch.ts'
import { createKafkaWitness, type KafkaWitness } from './kafka-witness.ts'
import { SearchFaults } from './search-faults.ts'
import { FleetWorkerProcess } from './fleet-worker-process.ts'

/** Real servers, witnesses and worker processes of one ledger run. */
export interface FleetLab {
  readonly kafka: KafkaWitness
  readonly searchUrl: string
  readonly searchFaults: SearchFaults
  readonly workers: readonly FleetWorkerProcess[]
  readonly folder: string
  /** Where the workers write duplicates; undefined: nowhere. */
  readonly duplicatesTopic: string | undefined
  /** Records that the workers of all kinds have yet to commit; rejects when a worker has ended by itself. */
  lag(): Promise<number>
  /** Resolves when nothing is left to do, and stays so; rejects at the deadline, or as `lag` does. */
  settled(timeoutMs: number): Promise<void>
  /** Drains the workers; their exit codes. */
  stopWorkers(): Promise<readonly (number | null)[]>
  /** Stops the servers. The folder stays where somebody has to look into the logs of the workers. */
  close(keepsFolder: boolean): Promise<void>
}

const groupPrefix = 'fastmcp-log-consumers'
const processesPerKind = 2
const byContentTopic = 'fastmcp-duplicates'

export interface FleetLabOptions {
  /** Lines without an id are duplicates by their content, and are written to a topic. Default: by their id only. */
  readonly byContent?: boolean
}

export async function startFleetLab(
  say: (line: string) => void,
  { byContent = false }: FleetLabOptions = {},
): Promise<FleetLab> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-ledger-'))
  const [cluster, search] = await Promise.all([startKafka(), startOpenSearch()])
  say(`Kafka at ${cluster.bootstrap}, OpenSearch at ${search.url}, logs of the workers in ${folder}`)
  const connection = { bootstrap: [cluster.bootstrap] }
  const duplicatesTopic = byContent ? byContentTopic : undefined
  await ensureTopics(connection, fleetTopics(1, { duplicates: duplicatesTopic }))
  await writeServices(connection)
  const proxy = new HttpFaultProxy(search.url, /./)
  await proxy.start()
  const kafka = await createKafkaWitness(cluster.bootstrap)
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: cluster.bootstrap,
    KAFKA_OFFSET_RESET: 'earliest',
    ELASTICSEARCH_URL: proxy.url,
    // One node: real logs of many days would make it thousands of shards.
    ELASTICSEARCH_SHARDS: '1',
    ELASTICSEARCH_REPLICAS: '0',
    COMMIT_INTERVAL_MS: '1000',
    LOG_LEVEL: 'info',
    ...(byContent ? { DEDUPE_BY: 'content', DEDUPE_TOPIC: byContentTopic } : {}),
  }
  const workers = [...workerKinds, 'alerts' as const].flatMap((kind) =>
    Array.from({ length: processesPerKind }, (_, index) => {
      const worker = new FleetWorkerProcess(kind, { name: `${kind}-${index + 1}`, environment, folder })
      worker.start()
      return worker
    }),
  )
  const lag = async (): Promise<number> => {
    const dead = workers.find((worker) => !worker.isRunning)
    if (dead !== undefined) throw new Error(`${dead.name} ended by itself: ${dead.lastLines()}`)
    return totalLag(kafka)
  }
  return {
    kafka,
    searchUrl: search.url,
    searchFaults: new SearchFaults(proxy),
    workers,
    folder,
    duplicatesTopic,
    lag,
    settled: (timeoutMs) => settled(lag, timeoutMs, say),
    stopWorkers: () => Promise.all(workers.map((worker) => worker.stop())),
    async close(keepsFolder) {
      await Promise.all(workers.map((worker) => worker.kill()))
      await kafka.close()
      await proxy.stop()
      await Promise.all([cluster.stop(), search.stop()])
      if (keepsFolder) say(`the logs of the workers are in ${folder}`)
      else await rm(folder, { recursive: true, force: true })
    },
  }
}

async function totalLag(kafka: KafkaWitness): Promise<number> {
  const existing = await kafka.admin.listTopics()
  const lags = workerKinds.map((kind: WorkerKind) => {
    const groupId = `${groupPrefix}-${kind}`
    const internal = existing.filter((name) => name.startsWith(`${groupId}-`) && name.endsWith('-repartition'))
    return kafka.lag(groupId, [topics[kind].name, ...internal])
  })
  lags.push(kafka.lag(`${groupPrefix}-alerts`, [topics.alertObservations.name, topics.alertChanges.name]))
  return (await Promise.all(lags)).reduce((sum, lag) => sum + lag, 0)
}

async function settled(lag: () => Promise<number>, timeoutMs: number, say: (line: string) => void): Promise<void> {
  const deadline = Date.now() + timeoutMs
  let told = Date.now()
  for (let quietRounds = 0; quietRounds < 3; ) {
    const records = await lag()
    quietRounds = records === 0 ? quietRounds + 1 : 0
    if (Date.now() > deadline) throw new Error(`${records} records are still not committed after ${timeoutMs / 1000} s`)
    if (Date.now() - told > 10_000) {
      say(`${records} records to go`)
      told = Date.now()
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
