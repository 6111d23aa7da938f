import { setTimeout as sleep } from 'node:timers/promises'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fleetTopics, topics } from '../../fleet/topics.ts'
import { seededRandom } from '../../src/testing/simulator.ts'
import { ensureTopics } from '../../src/worker/index.ts'
import { KafkajsPeer } from '../../test/support/kafkajs-peer.ts'
import { startKafka } from '../../test/support/kafka-cluster.ts'
import { type Account, accountOf, type PlannedEpisode } from './account.ts'
import { AlertSource, rules } from './alert-source.ts'
import { AlertFaults } from './faults.ts'
import { Receiver } from './receiver.ts'
import { FleetWorkerProcess } from '../ledger/fleet-worker-process.ts'

export interface ChaosOptions {
  /** Of fires and recoveries; what is left is waited for afterwards. */
  readonly seconds: number
  readonly seed: number
  readonly say: (line: string) => void
}

export interface ChaosResult extends Account {
  /** Logs that the workers had to read. */
  readonly logs: number
  readonly kills: number
  readonly rebalances: number
  readonly refusals: number
  readonly deadLetters: number
}

const notices = `
receivers: [{ name: hook }]
routes:
  - { name: all, receivers: [hook], groupBy: [alert], wait: 0s, interval: 1s, repeat: 30s, escalate: false }
flapping: off
`
const notifiers = `
notifiers: [{ name: hook, webhook: { url: { env: HOOK_URL }, ratePerMinute: 6000, timeout: 2s } }]
`
const services = 60
const kinds = ['application', 'alerts'] as const
const settleSeconds = 90
/** Groups have moved their tasks to where they stay. */
const warmUpMs = 8000

/** Alerts fire and recover while workers are killed and their receiver misbehaves; then everything is accounted for. */
export async function runChaos({ seconds, seed, say }: ChaosOptions): Promise<ChaosResult> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'))
  const receiver = new Receiver()
  const [kafka] = await Promise.all([startKafka(), receiver.start()])
  const peer = await KafkajsPeer.connect(kafka.bootstrap)
  const workers = await startWorkers(folder, kafka.bootstrap, receiver.url)
  try {
    await ensureTopics({ bootstrap: [kafka.bootstrap] }, fleetTopics(1))
    for (const worker of workers) worker.start()
    await ready(peer)
    say(`two workers of logs and two of alerts on Kafka at ${kafka.bootstrap}, their logs in ${folder}`)
    const faults = new AlertFaults({ workers, receiver, random: seededRandom(seed + 1), say })
    const source = new AlertSource(peer)
    source.start()
    await sleep(warmUpMs)
    const pace = { seconds, random: seededRandom(seed), say }
    const planned = await failAndRecover({ source, faults, receiver }, pace)
    await faults.end()
    await settled(planned, receiver)
    await source.stop()
    const account = accountOf(planned, receiver.taken)
    const deadLetters = await peer.count(topics.deadLetters.name)
    const { kills, rebalances } = faults
    return { ...account, logs: source.logs, kills, rebalances, refusals: receiver.refusals, deadLetters }
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()))
    await peer.close()
    await Promise.all([kafka.stop(), receiver.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}

async function startWorkers(folder: string, bootstrap: string, url: string): Promise<readonly FleetWorkerProcess[]> {
  await writeFile(join(folder, 'rules.yaml'), rules)
  await writeFile(join(folder, 'notices.yaml'), notices)
  await writeFile(join(folder, 'notifiers.yaml'), notifiers)
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: bootstrap,
    KAFKA_OFFSET_RESET: 'earliest',
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    COMMIT_INTERVAL_MS: '1000',
    ALERTS_FILE: join(folder, 'rules.yaml'),
    ALERTS_NOTICES_FILE: join(folder, 'notices.yaml'),
    ALERTS_NOTIFIERS_FILE: join(folder, 'notifiers.yaml'),
    HOOK_URL: url,
  }
  return kinds.flatMap((kind) =>
    [1, 2].map((number) => {
      const name = `${kind}-${number}`
      // One comes back to its tasks, the tasks of the other go to somebody else.
      const membership = number === 1 ? { KAFKA_GROUP_INSTANCE_ID: name } : {}
      return new FleetWorkerProcess(kind, { name, environment: { ...environment, ...membership }, folder })
    }),
  )
}

/** Both groups have their members. */
async function ready(peer: KafkajsPeer): Promise<void> {
  const deadlineMs = Date.now() + 60_000
  for (;;) {
    const { groups } = await peer.admin.describeGroups(kinds.map((kind) => `fastmcp-log-consumers-${kind}`))
    if (groups.every(({ state, members }) => state === 'Stable' && members.length === 2)) return
    if (Date.now() > deadlineMs) throw new Error('the workers did not form their groups within 60 s')
    await sleep(200)
  }
}

interface Scene {
  readonly source: AlertSource
  readonly faults: AlertFaults
  readonly receiver: Receiver
}

interface Pace {
  readonly seconds: number
  readonly random: () => number
  readonly say: (line: string) => void
}

/** In the first quarter of the time nothing is broken. In the end, all has recovered. */
async function failAndRecover(
  { source, faults, receiver }: Scene,
  { seconds, random, say }: Pace,
): Promise<readonly PlannedEpisode[]> {
  const planned: PlannedEpisode[] = []
  const firing = new Map<string, number>()
  const startMs = Date.now()
  const calmUntilMs = startMs + seconds * 250
  while (Date.now() < startMs + seconds * 1000) {
    const isCalm = Date.now() < calmUntilMs
    if (!isCalm) faults.step()
    const service = `service-${Math.floor(random() * services)}`
    const sinceMs = firing.get(service)
    const episodes = planned.filter((one) => one.service === service).length
    if (sinceMs !== undefined && Date.now() - sinceMs > 3000) {
      firing.delete(service)
      source.recover(service)
    } else if (sinceMs === undefined && receiver.resolvedOf(service) === episodes) {
      planned.push({ service, firedMs: Date.now(), isCalm })
      firing.set(service, Date.now())
      await source.fail(service)
    }
    await sleep(20 + random() * 120)
  }
  say(`${planned.length} episodes, ${firing.size} of them recover now`)
  for (const service of firing.keys()) source.recover(service)
  return planned
}

/** Until each episode is resolved at the receiver, and a little longer, for what nobody should get. */
async function settled(planned: readonly PlannedEpisode[], { taken }: Receiver): Promise<void> {
  const deadlineMs = Date.now() + settleSeconds * 1000
  const resolved = () => new Set(taken.filter(({ notice }) => notice.kind === 'resolve').map(({ notice }) => notice.id))
  while (Date.now() < deadlineMs && resolved().size < planned.length) await sleep(250)
  await sleep(3000)
}
