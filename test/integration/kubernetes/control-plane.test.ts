import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { KubernetesLab } from '../../../bench/kubernetes/lab.ts'
import { release, runScale, valuesOf } from '../../../bench/kubernetes/scale-run.ts'
import type { WorkerKind } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { everyOption, type Manifest, render } from './chart-tool.ts'

const patienceMs = 120_000

/** Where objects of a kind are, below the version of their API. */
const collections: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networkpolicies',
}

function pathOf({ apiVersion, kind, metadata }: Manifest, namespace: string): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`
  return `${root}/namespaces/${namespace}/${collections[kind] ?? `${kind.toLowerCase()}s`}/${metadata.name}`
}

requireServer('kafka', 'helm', 'kubernetes').describe('the chart on a real API server, with KEDA and a broker', () => {
  let lab: KubernetesLab

  beforeAll(async () => {
    lab = await KubernetesLab.start({ image: dirname(dirname(builtProgram('workers/application'))) })
  }, 300_000)

  afterAll(() => lab.stop())

  /** One worker kind by itself, scaled by KEDA from none to four. */
  function install(
    verb: 'install' | 'upgrade',
    release: string,
    kind: WorkerKind,
    given: ReleaseValues = {},
  ): Promise<void> {
    const others = Object.fromEntries(
      ['application', 'audit', 'performance', 'alerts'].map((name) => [name, { enabled: false }]),
    )
    const { partitions, name } = topics[kind]
    return lab.helm(verb, release, {
      workloads: { ...others, [kind]: { module: `workers/${kind}.js`, topics: { [name]: partitions } } },
      defaults: {
        command: given.command ?? [],
        pipeline: given.pipeline ?? '',
        autoscaling: {
          by: 'keda',
          minReplicas: given.minReplicas ?? 1,
          maxReplicas: 3,
          holdSeconds: { up: 0, down: 5 },
          keda: {
            version: '2.20',
            lagPerReplica: given.lagPerReplica ?? 100_000,
            pollingIntervalSeconds: 1,
            cooldownSeconds: 3,
          },
        },
      },
      config: {
        kafka: { bootstrapServers: lab.kafka.bootstrap, groupPrefix: release, offsetReset: 'earliest' },
        commitIntervalMs: given.commitIntervalMs ?? 500,
      },
      drainTimeoutMs: 20_000,
    })
  }

  const replicasOf = async (release: string, kind: WorkerKind): Promise<number> =>
    (await lab.deployment(release, kind)).status.readyReplicas ?? 0

  const send = (kind: WorkerKind, count: number): Promise<void> =>
    lab.witness.send(
      topics[kind].name,
      Array.from({ length: count }, (_, index) => ({
        key: `s${index % 97}`,
        value: Buffer.from(JSON.stringify({ level: 'info', message: `log ${index}`, service: `s${index % 97}` })),
        timestamp: String(Date.now()),
      })),
    )

  /** `kafka_consumer_lag` of all pods of a release, summed. */
  async function reportedLag(kind: WorkerKind): Promise<number> {
    const texts = await Promise.all(
      lab.kubelet.running(kind).map(async ({ opsPort }) => {
        const headers = { authorization: 'Bearer lab' }
        const response = await fetch(`http://127.0.0.1:${opsPort}/metrics`, { headers }).catch(() => undefined)
        return response?.text() ?? 'it starts'
      }),
    )
    const pattern = new RegExp(`^kafka_consumer_lag\\{topic="${topics[kind].name}",partition="\\d+"\\} (\\S+)$`, 'gm')
    return texts.flatMap((text) => [...text.matchAll(pattern)]).reduce((sum, [, lag]) => sum + Number(lag), 0)
  }

  test('is admitted by server-side apply with every option on, first as a dry run', async () => {
    const { api } = lab.plane
    await api.post('/api/v1/namespaces', { metadata: { name: 'every' } })
    const manifests = render(everyOption)
    expect(manifests.length).toBeGreaterThan(15)
    for (const dryRun of [true, false]) {
      for (const manifest of manifests) await api.apply(pathOf(manifest, 'every'), manifest, { dryRun })
    }
    for (const manifest of manifests) await api.remove(pathOf(manifest, 'every'))
  })

  test('is not admitted with a misspelt field', async () => {
    const [manifest] = render('defaults.autoscaling.by="keda"').filter(({ kind }) => kind === 'ScaledObject')
    const { spec, ...rest } = manifest as Manifest & { readonly spec: object }
    const misspelt = { ...rest, spec: { ...spec, polingInterval: 3 } }
    await expect(lab.plane.api.apply(pathOf(misspelt, 'default'), misspelt, { dryRun: true })).rejects.toThrow(
      'polingInterval',
    )
  })

  test('keeps one pod for a group that has never committed: neither none nor the maximum', async () => {
    await send('performance', 5000)
    const command = ['node', '-e', 'setInterval(() => {}, 1000)']
    await install('install', 'fresh', 'performance', { minReplicas: 0, lagPerReplica: 100, command })
    const lagIs = async (lag: number): Promise<boolean> =>
      (await lab.scalerLag('fresh', 'performance').catch(() => undefined)) === lag
    await until(() => lagIs(topics.performance.partitions), patienceMs, 'KEDA counts one record for each partition')
    await sleep(5000)
    expect((await lab.deployment('fresh', 'performance')).spec.replicas).toBe(1)
    await lab.uninstall('fresh')
  })

  test('lets KEDA and the pods see the same lag, KEDA also while nobody has the partitions', async () => {
    await install('install', 'same', 'audit', { minReplicas: 0 })
    const lagIs = async (lag: number): Promise<boolean> =>
      (await lab.scalerLag('same', 'audit').catch(() => undefined)) === lag
    await send('audit', 500)
    const committed = async (): Promise<boolean> => (await lab.witness.lag('same-audit', [topics.audit.name])) === 0
    await until(committed, patienceMs, 'the first records are committed')
    await until(async () => (await lab.deployment('same', 'audit')).spec.replicas === 0, patienceMs, 'no pod is left')
    await until(() => lagIs(0), patienceMs, 'KEDA sees no lag')
    await install('upgrade', 'same', 'audit', { minReplicas: 0, commitIntervalMs: 300_000 })
    await send('audit', 700)
    await until(() => lagIs(700), patienceMs, 'KEDA sees all without a pod')
    await until(async () => (await reportedLag('audit')) === 700, patienceMs, 'the pods see all')
    await until(() => lagIs(700), patienceMs, 'KEDA still sees all')
  })

  test('runs pods with a pipeline of their own, and ends an upgrade to one with a mistake before anything stops', async () => {
    const release = 'piped'
    const isReady = async (): Promise<boolean> => (await replicasOf(release, 'performance')) === 1
    await install('install', release, 'performance', { pipeline: 'name: own' })
    await until(isReady, patienceMs, 'one pod is ready')
    const before = await lab.deployment(release, 'performance')
    const mistaken = { pipeline: 'name: own\nsteps: [{ nothing: {} }]\n' }
    await expect(install('upgrade', release, 'performance', mistaken)).rejects.toThrow('pre-upgrade')
    const check = lab.kubelet.runs.findLast(({ component }) => component === 'performance-check')
    expect(check?.exitCode).toBe(2)
    expect(readFileSync(join(check?.folder ?? '', 'job.log'), 'utf8')).toMatch(/pipeline\.yaml:2: .*nothing/)
    expect((await lab.deployment(release, 'performance')).spec.template).toEqual(before.spec.template)
    expect(await isReady()).toBe(true)
    await lab.uninstall(release)
  }, 180_000)

  test('scales workers from 1 to 4 on lag and back to 1, and loses nothing', async () => {
    const said: string[] = []
    const account = await runScale(lab, { logsPerSecond: 1000, upgrade: false, say: (line) => said.push(line) })
    expect({ faults: account.faults, said }).toEqual({ faults: [], said })
    expect(account.outputs.events).toBe(account.sent)
    expect(account.replicas).toEqual([1, ...account.replicas.slice(1, -1), 1])
  }, 300_000)

  test('refuses an upgrade that would lose state before anything stops', async () => {
    const before = await lab.deployment(release, 'application')
    await expect(lab.helm('upgrade', release, valuesOf(lab, 'info', 'workers/audit.js'))).rejects.toThrow('pre-upgrade')
    const after = await lab.deployment(release, 'application')
    expect(after.spec.template).toEqual(before.spec.template)
    expect(await replicasOf(release, 'application')).toBe(1)
    const check = lab.kubelet.runs.find(({ component }) => component === 'application-check')
    expect(check?.exitCode).toBe(1)
  }, 180_000)

  test('keeps the replicas while the broker does not answer: an error is no lag of 0', async () => {
    await until(async () => (await replicasOf('same', 'audit')) === 1, patienceMs, 'one pod is ready')
    await lab.kafka.kill(1)
    try {
      for (let second = 0; second < 30; second++) {
        expect((await lab.deployment('same', 'audit')).spec.replicas).toBe(1)
        await sleep(1000)
      }
    } finally {
      await lab.kafka.restart(1)
    }
  }, 300_000)
})

interface ReleaseValues {
  /** Instead of the worker. */
  readonly command?: readonly string[]
  readonly pipeline?: string
  readonly minReplicas?: number
  readonly lagPerReplica?: number
  readonly commitIntervalMs?: number
}
