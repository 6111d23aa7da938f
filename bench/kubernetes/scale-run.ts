import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { topics } from '../../fleet/topics.ts'
import { openKafka } from '../../src/index.ts'
import type { KubernetesLab } from './lab.ts'
import { LogLoad } from './log-load.ts'
import { countOutputs, type Outputs } from './outputs.ts'
import { type Pause, PauseWatch } from './pause-watch.ts'

export const release = 'fleet'
const component = 'application'
const topic = topics[component].name
const group = `scale-${component}`
const patienceMs = 240_000

export interface ScaleRunOptions {
  readonly logsPerSecond: number
  /** Whether the release is upgraded while the load runs. */
  readonly upgrade: boolean
  readonly say: (line: string) => void
}

/** What a run has seen; `faults` is empty when it adds up. */
export interface ScaleAccount {
  readonly sent: number
  readonly outputs: Outputs
  /** Replicas as the autoscaler set them, one after another. */
  readonly replicas: readonly number[]
  /** The longest time without a commit of a partition with input, while the release was upgraded. */
  readonly upgradePause: Pause | undefined
  readonly exitCodes: readonly (number | undefined)[]
  readonly faults: readonly string[]
}

/**
 * KEDA scales the workload from 1 to 4 and back on the lag of the broker, while processes start and stop with the
 * replica count; with `upgrade`, every pod is replaced under load in between.
 */
export async function runScale(
  lab: KubernetesLab,
  { logsPerSecond, upgrade, say }: ScaleRunOptions,
): Promise<ScaleAccount> {
  const replicas = watchReplicas(lab)
  await lab.helm('install', release, valuesOf(lab, 'info'))
  await until('one pod is ready', async () => (await readyPods(lab)) === 1)
  say('1 pod is ready')
  const load = new LogLoad(lab.witness, topic, logsPerSecond)
  load.start()
  await until('four pods are ready', async () => (await readyPods(lab)) === 4)
  say(`4 pods are ready, ${lab.kubelet.running(component).length} processes run`)
  const upgradePause = upgrade ? await upgradeUnderLoad(lab, say) : undefined
  await load.stop()
  say(`${load.sent} logs are sent`)
  await until('the group has no lag', async () => (await lab.witness.lag(group, [topic])) === 0)
  say('the lag is drained')
  await until(
    'one pod is left',
    async () => (await readyPods(lab)) === 1 && lab.kubelet.running(component).length === 1,
  )
  say('1 pod is left')
  const seen = replicas.stop()
  const outputs = await countOutputs(lab.outputs)
  const left = lab.kubelet.running(component)
  const ended = lab.kubelet.runs.filter((run) => run.component === component && !left.includes(run))
  const exitCodes = ended.map((run) => run.exitCode)
  const faults = [
    ...(outputs.events === load.sent ? [] : [`${load.sent - outputs.events} of ${load.sent} logs are missing`]),
    ...(Math.max(...seen) === 4 && seen.at(-1) === 1 ? [] : [`replicas went ${seen.join(' -> ')}`]),
    ...(exitCodes.every((code) => code === 0) ? [] : [`pods ended with codes ${exitCodes.join(', ')}`]),
    ...(upgradePause === undefined || upgradePause.forMs < 30_000 ? [] : ['a partition paused for more than 30 s']),
  ]
  return { sent: load.sent, outputs, replicas: seen, upgradePause, exitCodes, faults }
}

async function upgradeUnderLoad(lab: KubernetesLab, say: ScaleRunOptions['say']): Promise<Pause> {
  const driver = openKafka({ bootstrap: [lab.kafka.bootstrap] })
  const watch = new PauseWatch(driver.admin(), group, topic)
  watch.start()
  await lab.helm('upgrade', release, valuesOf(lab, 'warn'))
  await until('every pod is replaced', async () => {
    const { metadata, status, spec } = await lab.deployment(release, component)
    const isSeen = status.observedGeneration === metadata.generation
    return (
      isSeen &&
      status.updatedReplicas === spec.replicas &&
      status.replicas === spec.replicas &&
      status.unavailableReplicas === undefined
    )
  })
  const pause = await watch.stop()
  await driver.close()
  say(`every pod is replaced; the longest pause of a partition was ${Math.round(pause.forMs)} ms`)
  return pause
}

/** The fleet's application worker with short times, its sinks writing files of lines. */
export function valuesOf(
  lab: KubernetesLab,
  logLevel: string,
  module = 'workers/application.js',
): Record<string, unknown> {
  const [enabled, disabled] = [{ module }, { enabled: false }]
  return {
    workloads: { application: enabled, audit: disabled, performance: disabled },
    defaults: {
      extraEnv: [{ name: 'FILES_DIRECTORY', value: join(lab.outputs, '$(POD_NAME)') }],
      autoscaling: {
        by: 'keda',
        minReplicas: 1,
        maxReplicas: 4,
        holdSeconds: { up: 0, down: 8 },
        keda: { version: '2.20', lagPerReplica: 300, pollingIntervalSeconds: 2, cooldownSeconds: 5 },
      },
    },
    config: {
      kafka: { bootstrapServers: lab.kafka.bootstrap, groupPrefix: 'scale', offsetReset: 'earliest' },
      commitIntervalMs: 2000,
      logLevel,
    },
    drainTimeoutMs: 30_000,
  }
}

async function readyPods(lab: KubernetesLab): Promise<number> {
  const { status } = await lab.deployment(release, component)
  return status.replicas === status.readyReplicas ? (status.readyReplicas ?? 0) : -1
}

/** The replica counts that the workload was told to have, without repetitions. */
function watchReplicas(lab: KubernetesLab): { stop(): readonly number[] } {
  const seen: number[] = []
  let isStopped = false
  const look = async (): Promise<void> => {
    while (!isStopped) {
      const replicas: number | undefined = (await lab.deployment(release, component).catch(() => undefined))?.spec
        .replicas
      if (replicas !== undefined && replicas !== seen.at(-1)) seen.push(replicas)
      await sleep(200)
    }
  }
  void look()
  return {
    stop() {
      isStopped = true
      return seen
    },
  }
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (!(await isTrue().catch(() => false))) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${patienceMs / 1000} s: ${what}`)
    await sleep(200)
  }
}
