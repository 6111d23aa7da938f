import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { KubernetesLab } from '../../../bench/kubernetes/lab.ts'
import type { KafkaDriver } from '../../../src/index.ts'
import { openKafka } from '../../../src/index.ts'
import { builtProgram } from '../../support/built.ts'
import type { Shape } from '../../support/evolving.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const patienceMs = 90_000
const module = 'test/support/evolving.js'
const component = 'views'
const sessionTimeoutMs = 45_000

interface ReleaseValues {
  readonly shape?: Shape
  readonly replicas?: number
  readonly kind?: 'Deployment' | 'StatefulSet'
  readonly staticMembership?: boolean
  readonly rollout?: 'roll' | 'migrate'
}

requireServer('kafka', 'helm', 'kubernetes').describe('a release on a real API server', () => {
  let lab: KubernetesLab
  let driver: KafkaDriver

  beforeAll(async () => {
    lab = await KubernetesLab.start({ image: dirname(dirname(builtProgram('workers/application'))) })
    driver = openKafka({ bootstrap: lab.kafka.bootstrap })
    const names = ['views', 'clicks', 'view-counts', 'latest', 'totals']
    const topics = names.map((name) => ({ name, partitions: 4, replicationFactor: 1, configs: {} }))
    await driver.admin().createTopics(topics, 10_000)
  }, 300_000)

  afterAll(async () => {
    await driver?.close()
    await lab?.stop()
  })

  /** The application `evolving` with two pods, which nothing scales. */
  function install(verb: 'install' | 'upgrade', release: string, given: ReleaseValues = {}): Promise<void> {
    const { shape = 'base', replicas = 2, rollout = 'roll', ...rest } = given
    const off = { enabled: false }
    return lab.helm(verb, release, {
      workloads: {
        application: off,
        audit: off,
        performance: off,
        alerts: off,
        [component]: { module, group: release, topics: { views: 4 } },
      },
      defaults: {
        ...rest,
        replicas,
        rollout,
        migrateArgs: ['topics', 'apply', module],
        extraEnv: [{ name: 'SHAPE', value: shape }],
        autoscaling: { by: 'none' },
      },
      config: {
        kafka: { bootstrapServers: lab.kafka.bootstrap, offsetReset: 'earliest' },
        commitIntervalMs: 500,
      },
      drainTimeoutMs: 20_000,
    })
  }

  const pods = () => lab.kubelet.running(component)
  const membersOf = async (group: string) => (await driver.admin().describeGroup(group)).members
  const isDrained = async (group: string): Promise<boolean> => (await lab.witness.lag(group, ['views'])) === 0
  const sendViews = (count: number): Promise<void> =>
    lab.witness.send(
      'views',
      Array.from({ length: count }, (_, index) => ({
        key: `user-${index % 50}`,
        value: Buffer.from(JSON.stringify({ page: `/${index % 20}` })),
        timestamp: String(Date.now()),
      })),
    )
  const untilReady = (status: () => Promise<{ readonly readyReplicas?: number }>, count: number): Promise<void> =>
    until(
      async () => (await status()).readyReplicas === count && pods().length === count,
      patienceMs,
      `${count} pods are ready`,
    )
  /** A metric of a pod, summed over its labels. */
  async function metric(pod: string, name: string): Promise<number> {
    const port = pods().find((run) => run.name === pod)?.opsPort
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: 'Bearer lab' } })
    const pattern = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm')
    return [...(await response.text()).matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0)
  }
  const assignmentsOf = (pod: string): number =>
    readFileSync(join(lab.folder, 'pods', pod, 'worker.log'), 'utf8').split('tasks assigned').length - 1

  test('of a StatefulSet with static members: a pod that restarts has its state and its tasks, without a rebalance', async () => {
    const release = 'kept'
    await install('install', release, { kind: 'StatefulSet', staticMembership: true })
    const status = async () => (await lab.statefulSet(release, component)).status
    await untilReady(status, 2)
    await until(async () => (await membersOf(release)).length === 2, patienceMs, 'there are two members')
    await sendViews(2000)
    await until(() => isDrained(release), patienceMs, 'all views are counted')
    const [stays, restarts] = [`${release}-millrace-${component}-0`, `${release}-millrace-${component}-1`]
    const before = assignmentsOf(stays)
    expect(before).toBeGreaterThan(0)
    const endedBefore = lab.kubelet.runs.length
    await lab.deletePod(restarts)
    await until(() => lab.kubelet.runs.length === endedBefore + 1, patienceMs, 'the pod starts again')
    expect(await membersOf(release)).toHaveLength(2)
    await untilReady(status, 2)
    await until(async () => (await metric(restarts, 'millrace_tasks')) > 0, patienceMs, 'it has its tasks')
    expect(await metric(restarts, 'millrace_restored_records_total')).toBe(0)
    expect(assignmentsOf(stays)).toBe(before)
    expect(await membersOf(release)).toHaveLength(2)
  }, 300_000)

  test('of a StatefulSet with static members: a pod that is scaled in leaves the group at once', async () => {
    const release = 'kept'
    const startedMs = performance.now()
    await install('upgrade', release, { kind: 'StatefulSet', staticMembership: true, replicas: 1 })
    await until(async () => (await membersOf(release)).length === 1, patienceMs, 'one member is left')
    expect(performance.now() - startedMs).toBeLessThan(sessionTimeoutMs - 5000)
    await sendViews(400)
    await until(() => isDrained(release), patienceMs, 'the other has all partitions')
  }, 300_000)

  test('of a StatefulSet goes to a topology that needs the group to stop first by way of no pods', async () => {
    const release = 'kept'
    const given = { kind: 'StatefulSet', staticMembership: true } as const
    await install('upgrade', release, { ...given, replicas: 0 })
    await until(async () => (await membersOf(release)).length === 0, patienceMs, 'no member is left')
    await install('upgrade', release, { ...given, shape: 'twoStores' })
    await untilReady(async () => (await lab.statefulSet(release, component)).status, 2)
    await sendViews(100)
    await until(() => isDrained(release), patienceMs, 'the new topology has read on')
    await lab.uninstall(release)
  }, 300_000)

  test('rolls a compatible topology while old and new pods share the group', async () => {
    const release = 'rolled'
    await install('install', release)
    const status = async () => (await lab.deployment(release, component)).status
    await untilReady(status, 2)
    await sendViews(500)
    await until(() => isDrained(release), patienceMs, 'the group has committed')
    const former = pods()
    await install('upgrade', release, { shape: 'filtered' })
    await until(async () => former.every(({ endedMs }) => endedMs !== undefined), patienceMs, 'the old pods are gone')
    await untilReady(status, 2)
    const [firstNew = 0] = pods().map(({ startedMs }) => startedMs)
    expect(former.filter(({ endedMs = 0 }) => endedMs > firstNew)).not.toEqual([])
    expect(former.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const restored = async () => {
      const counts = await Promise.all(pods().map(({ name }) => metric(name, 'millrace_restored_records_total')))
      return counts.reduce((sum, count) => sum + count, 0)
    }
    await until(async () => (await restored()) > 0, patienceMs, 'pods without a volume restore')
  }, 300_000)

  test.each([
    ['that needs the group to stop first', 'twoStores', 'the group has to stop first'],
    ['that would lose state', 'renamed', 'a deployment loses state'],
  ] as const)(
    'refuses to roll a topology %s, before anything stops',
    async (_, shape, verdict) => {
      const release = 'rolled'
      const before = pods()
      await expect(install('upgrade', release, { shape })).rejects.toThrow('pre-upgrade')
      expect(pods()).toEqual(before)
      const check = lab.kubelet.runs.findLast((run) => run.component === `${component}-check`)
      expect(check?.exitCode).toBe(1)
      expect(readFileSync(join(check?.folder ?? '', 'job.log'), 'utf8')).toContain(verdict)
    },
    180_000,
  )

  test('migrates: all old pods stop, the migration runs, and new pods start, without a person', async () => {
    const release = 'rolled'
    const former = pods()
    await sendViews(500)
    await install('upgrade', release, { shape: 'twoStores', rollout: 'migrate' })
    const status = async () => (await lab.deployment(release, component)).status
    await until(async () => former.every(({ endedMs }) => endedMs !== undefined), patienceMs, 'the old pods are gone')
    await untilReady(status, 2)
    const lastEnd = Math.max(...former.map(({ endedMs = Number.NaN }) => endedMs))
    expect(Math.min(...pods().map(({ startedMs }) => startedMs))).toBeGreaterThan(lastEnd)
    for (const { folder } of pods()) expect(readFileSync(join(folder, 'migrate.log'), 'utf8')).not.toBe('')
    await sendViews(500)
    await until(() => isDrained(release), patienceMs, 'the new topology has read on')
  }, 300_000)

  test('does not migrate to a topology that would lose state either', async () => {
    const before = pods()
    await expect(install('upgrade', 'rolled', { shape: 'renamed', rollout: 'migrate' })).rejects.toThrow('pre-upgrade')
    expect(pods()).toEqual(before)
  }, 180_000)

  test('does not roll back to a topology without a store that has rows now', async () => {
    const before = pods()
    await expect(lab.rollBack('rolled', 1)).rejects.toThrow('views-check failed')
    expect(pods()).toEqual(before)
  }, 180_000)
})
