import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { KubernetesLab } from '../../../bench/kubernetes/lab.ts'
import { topics } from '../../../fleet/topics.ts'
import { freePorts, stopServer } from '../../../scripts/lab/processes.mjs'
import { startPrometheus } from '../../../scripts/prometheus.mjs'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { startSecureKafka } from './secure-kafka.ts'

const patienceMs = 120_000
const component = 'performance'
const { name: topic, partitions } = topics[component]

requireServer('kafka', 'helm', 'kubernetes', 'prometheus').describe('KEDA on a broker with TLS and SASL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-scaler-'))
  let lab: KubernetesLab
  let config: Readonly<Record<string, unknown>>

  beforeAll(async () => {
    const secure = await startSecureKafka(folder)
    config = secure.config
    lab = await KubernetesLab.start({
      image: dirname(dirname(builtProgram('workers/application'))),
      kafka: secure.kafka,
      secret: secure.secret,
    })
  }, 300_000)

  afterAll(() => lab?.stop())

  interface KedaValues {
    readonly lagPerReplica?: number
    readonly age?: { readonly serverAddress: string; readonly seconds: number }
    readonly fallback?: { readonly failureThreshold: number }
  }

  /** One pod or more, scaled by KEDA. Nothing is committed but by a rebalance. */
  function install(release: string, keda: KedaValues, commitIntervalMs = 300_000): Promise<void> {
    const off = { enabled: false }
    return lab.helm('install', release, {
      workloads: {
        application: off,
        audit: off,
        [component]: { module: `workers/${component}.js`, topics: { [topic]: partitions } },
      },
      defaults: {
        autoscaling: {
          by: 'keda',
          minReplicas: 1,
          maxReplicas: 3,
          holdSeconds: { up: 0, down: 5 },
          keda: { version: '2.20', pollingIntervalSeconds: 1, lagPerReplica: 100_000, ...keda },
        },
      },
      config: { kafka: { ...config, groupPrefix: release }, commitIntervalMs },
      drainTimeoutMs: 20_000,
    })
  }

  const send = (count: number, timestamp = Date.now()): Promise<void> =>
    lab.witness.send(
      topic,
      Array.from({ length: count }, (_, index) => ({
        key: `s${index}`,
        value: Buffer.from(JSON.stringify({ level: 'info', message: `log ${index}`, service: 's' })),
        timestamp: String(timestamp),
      })),
    )
  const replicasOf = async (release: string): Promise<number> =>
    (await lab.deployment(release, component)).spec.replicas
  const lagIs = async (release: string, lag: number): Promise<boolean> =>
    (await lab.scalerLag(release, component).catch(() => undefined)) === lag
  const fallbackOf = async (release: string): Promise<string | undefined> => {
    const { conditions = [] } = (await lab.scaledObject(release, component)).status
    return conditions.find(({ type }: { type: string }) => type === 'Fallback')?.status
  }
  const isReady = async (release: string): Promise<boolean> =>
    (await lab.deployment(release, component)).status.readyReplicas === 1

  test('reads the lag with the credentials of the workers, from their Secret', async () => {
    await install('secured', {}, 500)
    await until(() => isReady('secured'), patienceMs, 'the worker reaches the broker')
    await until(() => lagIs('secured', 0), patienceMs, 'KEDA sees no lag')
    await lab.uninstall('secured')
    await install('secured', {})
    await until(() => isReady('secured'), patienceMs, 'the worker is back')
    await send(300)
    await until(() => lagIs('secured', 300), patienceMs, 'KEDA sees the lag')
    await lab.uninstall('secured')
  }, 300_000)

  test('adds pods for the age of a record that waits, also where the lag is no reason, and none for a replay', async () => {
    const release = 'aged'
    const replay = await serving(`kafka_consumer_lag_seconds{topic="${topic}",partition="0",replay="july"} 99999\n`)
    const [port = 0] = await freePorts(1)
    const serverAddress = `http://127.0.0.1:${port}`
    let prometheus = 0
    try {
      await install(release, { age: { serverAddress, seconds: 60 } })
      await until(() => isReady(release), patienceMs, 'one pod is ready')
      const [pod] = lab.kubelet.running(component)
      prometheus = await startPrometheus({
        port,
        targets: [`127.0.0.1:${pod?.opsPort}`, `127.0.0.1:${(replay.address() as AddressInfo).port}`],
        // As a PodMonitor of the chart makes them.
        labels: {
          namespace: 'default',
          app_kubernetes_io_instance: release,
          app_kubernetes_io_component: component,
        },
        token: 'lab',
        ruleFiles: [],
        folder,
      })
      const scraped = async (replay: string): Promise<string | undefined> => {
        const query = encodeURIComponent(`count(kafka_consumer_lag_seconds{topic="${topic}",replay="${replay}"})`)
        const response = await fetch(`${serverAddress}/api/v1/query?query=${query}`)
        const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
        return data.result[0]?.value[1]
      }
      await until(async () => (await scraped('')) === String(partitions), patienceMs, 'the pod is scraped')
      await until(async () => (await scraped('july')) === '1', patienceMs, 'the replay is scraped')
      await until(async () => (await fallbackOf(release)) === 'False', patienceMs, 'KEDA knows the age')
      await sleep(5000)
      expect(await replicasOf(release)).toBe(1)
      await send(1, Date.now() - 600_000)
      await until(async () => (await replicasOf(release)) === 3, patienceMs, 'there are more pods')
    } finally {
      if (prometheus !== 0) await stopServer(prometheus)
      replay.close()
      await lab.uninstall(release)
    }
  }, 300_000)

  test('falls back to the replicas that there are while no broker answers, and says so', async () => {
    const release = 'fallen'
    await install(release, { lagPerReplica: 100 })
    await until(() => isReady(release), patienceMs, 'one pod is ready')
    await send(150)
    await until(async () => (await replicasOf(release)) === 2, patienceMs, 'there are two pods')
    await until(async () => (await fallbackOf(release)) === 'False', patienceMs, 'KEDA knows the lag')
    await lab.kafka.kill(1)
    try {
      await until(async () => (await fallbackOf(release)) === 'True', patienceMs, 'the ScaledObject has fallen back')
      await sleep(15_000)
      expect(await replicasOf(release)).toBe(2)
      expect(await fallbackOf(release)).toBe('True')
    } finally {
      await lab.kafka.restart(1)
    }
    await until(async () => (await fallbackOf(release)) === 'False', patienceMs, 'KEDA knows the lag again')
  }, 300_000)
})

/** A server that answers everything with this text. */
async function serving(text: string): Promise<Server> {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
  )
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}
