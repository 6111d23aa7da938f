import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/testing/simulator.ts'
import { KafkajsPeer } from '../../test/support/kafkajs-peer.ts'
import { SmallDisk } from '../../test/support/small-disk.ts'
import type { TopicVerdict } from '../topic-verdict.ts'
import { checkOutputs } from './chaos-check.ts'
import { ChaosCluster } from './chaos-cluster.ts'
import { ChaosFaults } from './chaos-faults.ts'
import { ChaosInput } from './chaos-input.ts'
import { ChaosWorker } from './chaos-worker.ts'
import { groupId, inputTopics, outputTopics, partitions } from './topology.ts'

export interface ChaosOptions {
  /** The folder with the compiled programs. */
  readonly built: string
  readonly seconds: number
  readonly seed: number
  readonly processes: number
  /** Over all input topics. */
  readonly ratePerSecond: number
  readonly guarantee: 'at-least-once' | 'exactly-once'
  /** Settings of the workers over those of the run. */
  readonly environment: Readonly<Record<string, string>>
  /** Logs and state of the workers stay where they are. */
  readonly keep: boolean
  readonly say: (line: string) => void
}

export interface ChaosResult {
  /** No result is lost or wrong, and under exactly-once none is doubled. */
  readonly isRight: boolean
  readonly written: number
  readonly faults: ReadonlyMap<string, number>
  /** How long after the last fault all input was processed. */
  readonly settledMs: number
  readonly verdicts: readonly TopicVerdict[]
}

const settleMs = 240_000
const repartitionTopic = `${groupId}-words-repartition`

/** Some processes under steady load on three brokers while things break; then all results are computed again. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { say, seed, ratePerSecond } = options
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'))
  // Of a run whose results are wrong, or that fails, everything is evidence.
  let isEvidence = true
  const cluster = await ChaosCluster.start()
  const disk = mounted()
  const workers = makeWorkers(folder, cluster.bootstrap, disk, options)
  const peer = await KafkajsPeer.connect(cluster.directBootstrap)
  const input = new ChaosInput(cluster.directBootstrap, seededRandom(seed + 1), ratePerSecond)
  try {
    await peer.createTopics(Object.fromEntries([...inputTopics, ...outputTopics].map((name) => [name, partitions])))
    for (const worker of workers) worker.start()
    say(`${workers.length} processes on Kafka at ${cluster.bootstrap}, their logs in ${folder}`)
    await input.start()
    await sleep(10_000)
    const random = seededRandom(seed)
    const coordinator = (of: 'group' | 'transactions', id: string) => leaderOf(peer, of, id)
    const faults = new ChaosFaults({ cluster, workers, disk, coordinator, random, say })
    await faults.runFor(options.seconds * 1000)
    await faults.stop()
    await input.stop()
    say(`${input.written} records written, waiting for the rest to be processed`)
    const settledMs = await settled(peer)
    for (const worker of workers) {
      const code = await worker.stop()
      if (code !== 0) say(`${worker.name} ended with ${code}: ${worker.lastLines()}`)
    }
    const verdicts = await checkOutputs(cluster.directBootstrap, say)
    const isRight = verdicts.every(
      ({ expected, lost, doubled, wrong }) =>
        expected > 0 && lost + wrong === 0 && (doubled === 0 || options.guarantee === 'at-least-once'),
    )
    isEvidence = !isRight
    return { isRight, written: input.written, faults: faults.counts, settledMs, verdicts }
  } finally {
    await input.stop()
    await Promise.all(workers.map((worker) => worker.kill()))
    await peer.close().catch(() => {})
    const isKept = options.keep || isEvidence
    await cluster.stop(isKept ? join(folder, 'kafka') : undefined)
    disk?.unmount()
    if (!isKept) await rm(folder, { recursive: true, force: true })
  }
}

/** Root may mount one; without it no disk gets full. */
function mounted(): SmallDisk | undefined {
  try {
    return SmallDisk.mount()
  } catch {
    return undefined
  }
}

function makeWorkers(
  folder: string,
  bootstrap: string,
  disk: SmallDisk | undefined,
  { built, processes, guarantee, environment }: ChaosOptions,
): readonly ChaosWorker[] {
  const settings = {
    KAFKA_BOOTSTRAP_SERVERS: bootstrap,
    KAFKA_OFFSET_RESET: 'earliest',
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    PROCESSING_GUARANTEE: guarantee,
    COMMIT_INTERVAL_MS: '100',
    ...environment,
  }
  return Array.from({ length: processes }, (_, index) => {
    const stateDirectory = index === 0 && disk !== undefined ? disk.folder : undefined
    const name = `worker-${index + 1}`
    return new ChaosWorker({ name, built, module: 'bench/chaos/worker', environment: settings, folder, stateDirectory })
  })
}

/** The broker that leads the partition of a group, or of a transactional id. 1 before there is any. */
async function leaderOf(peer: KafkajsPeer, of: 'group' | 'transactions', id: string): Promise<number> {
  const topic = of === 'group' ? '__consumer_offsets' : '__transaction_state'
  const metadata = await peer.admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined)
  const found = metadata?.topics[0]?.partitions ?? []
  const partition = Math.abs(javaHash(id)) % Math.max(1, found.length)
  return found.find(({ partitionId }) => partitionId === partition)?.leader ?? 1
}

/** `String.hashCode`, by which brokers find the partition of a group or of a transactional id. */
function javaHash(text: string): number {
  let hash = 0
  for (const letter of text) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0
  return hash
}

/** Resolves, with how long that took, when the group has committed all that was written. */
async function settled(peer: KafkajsPeer): Promise<number> {
  const startedMs = Date.now()
  for (;;) {
    const lags = await Promise.all([...inputTopics, repartitionTopic].map((topic) => peer.lag(groupId, topic)))
    const lag = lags.reduce((sum, each) => sum + each, 0)
    if (lag === 0) return Date.now() - startedMs
    if (Date.now() - startedMs > settleMs) throw new Error(`${lag} records were not processed within ${settleMs} ms`)
    await sleep(1000)
  }
}
