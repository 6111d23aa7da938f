import { beforeAll, expect, test } from '@jest/globals'
import { helmProgram } from '../../../scripts/helm/tools.mjs'
import { topics } from '../../../fleet/topics.ts'
import { workerKinds } from '../../../fleet/kinds.ts'
import { requireServer } from '../../support/require-server.ts'
import { at, everyOption, find, type Manifest, render, template } from './chart-tool.ts'

const orders = 'workloads.orders={"module":"dist/orders.js","topics":{"orders":8}}'

/** The value of a variable of the first container. */
function variable(workload: Manifest, name: string): unknown {
  const env = at(workload, 'spec.template.spec.containers.0.env') as { name: string; value?: string }[]
  return env.find((entry) => entry.name === name)?.value
}

requireServer('helm').describe('the chart', () => {
  beforeAll(() => {
    helmProgram()
  }, 1_200_000)

  test('runs the three workers of logs with the partitions of their topics', () => {
    const manifests = render()
    for (const kind of workerKinds) {
      const { partitions } = topics[kind]
      const autoscaler = find(manifests, 'HorizontalPodAutoscaler', `fleet-millrace-${kind}`)
      expect(at(autoscaler, 'spec')).toMatchObject({ minReplicas: 3, maxReplicas: Math.min(20, partitions) })
      const metrics = JSON.stringify(at(autoscaler, 'spec.metrics'))
      for (const figure of ['"averageUtilization":70', '"averageUtilization":80', '"averageValue":"100"']) {
        expect(metrics).toContain(figure)
      }
    }
  })

  test('runs two workers that own the alerts, which commit each second, beside those of logs with their own interval', () => {
    const manifests = render()
    const autoscaler = find(manifests, 'HorizontalPodAutoscaler', 'fleet-millrace-alerts')
    const maxReplicas = topics.alertObservations.partitions
    expect(at(autoscaler, 'spec')).toMatchObject({ minReplicas: 2, maxReplicas })
    const interval = (name: string) =>
      variable(find(manifests, 'Deployment', `fleet-millrace-${name}`), 'COMMIT_INTERVAL_MS')
    expect([interval('alerts'), interval('audit')]).toEqual(['1000', '5000'])
  })

  test('runs the live tail where it is enabled, and lets log workers write for it', () => {
    const name = 'fleet-millrace-live-tail'
    expect(render().filter(({ metadata }) => metadata.name === name)).toEqual([])
    const manifests = render('liveTail={"enabled":true,"tokens":true,"oidc":{"issuer":"https://login.example.com"}}')
    const tail = find(manifests, 'Deployment', name)
    const variables = [
      'LIVE_TAIL_HOST',
      'LIVE_TAIL_PORT',
      'LIVE_TAIL_TOKENS_FILE',
      'LIVE_TAIL_OIDC_ISSUER',
      'LIVE_TAIL_WORKERS',
    ]
    expect(variables.map((one) => variable(tail, one))).toEqual([
      '0.0.0.0',
      '9480',
      '/etc/millrace/live-tail/tokens.yaml',
      'https://login.example.com',
      'fleet-millrace-ops:9464',
    ])
    const worker = find(manifests, 'Deployment', 'fleet-millrace-application')
    expect(['LIVE_TAIL_TOPIC', 'LIVE_TAIL_HOST'].map((one) => variable(worker, one))).toEqual([
      'fastmcp-enriched-logs',
      undefined,
    ])
    expect(at(find(manifests, 'Service', name), 'spec.ports.0')).toMatchObject({ port: 9480, targetPort: 'http' })
    expect(manifests.some(({ kind }) => kind === 'Ingress')).toBe(false)
  })

  test.each([
    ['/', '/', undefined],
    ['/tail/', '/tail(/|$)(.*)', '/$2'],
  ])('an ingress at %s leads to the live tail, with the path cut off', (path, matched, rewritten) => {
    const ingress = { enabled: true, path, host: 'logs.example.com', tlsSecret: 'logs-tls' }
    const manifests = render(`liveTail=${JSON.stringify({ enabled: true, ingress })}`)
    const { metadata, spec } = find(manifests, 'Ingress', 'fleet-millrace-live-tail') as Manifest & {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
    }
    expect(spec).toMatchObject({
      tls: [{ secretName: 'logs-tls', hosts: ['logs.example.com'] }],
      rules: [{ host: 'logs.example.com', http: { paths: [{ path: matched }] } }],
    })
    expect(metadata.annotations['nginx.ingress.kubernetes.io/proxy-buffering']).toBe('off')
    expect(metadata.annotations['nginx.ingress.kubernetes.io/rewrite-target']).toBe(rewritten)
  })

  test('lets a topic with room for them have 20 pods', () => {
    const manifests = render('workloads.orders={"module":"m.js","topics":{"orders":64}}')
    expect(at(find(manifests, 'HorizontalPodAutoscaler', 'fleet-millrace-orders'), 'spec.maxReplicas')).toBe(20)
  })

  test('the chart runs a topology of the user by image and module, in addition to the workers', () => {
    const manifests = render('workloads.orders={"image":{"repository":"orders","tag":"7"},"module":"dist/orders.js"}')
    const container = at(find(manifests, 'Deployment', 'fleet-millrace-orders'), 'spec.template.spec.containers.0')
    expect(container).toMatchObject({ image: 'orders:7', args: ['run', 'dist/orders.js'] })
    expect(at(find(manifests, 'Deployment', 'fleet-millrace-audit'), 'spec.template.spec.containers.0.image')).toBe(
      'millrace:0.1.0',
    )
  })

  test('gives the collector a Service for its inputs, opens their ports, and passes its token', () => {
    const manifests = render('workloads.collector.enabled=true', 'networkPolicy.enabled=true')
    expect(at(find(manifests, 'Service', 'fleet-millrace-collector'), 'spec.ports')).toEqual([
      { name: 'http', port: 9481, targetPort: 'http', protocol: 'TCP' },
    ])
    const policy = find(manifests, 'NetworkPolicy', 'fleet-millrace')
    expect(at(policy, 'spec.ingress.0.ports')).toContainEqual({ port: 9481, protocol: 'TCP' })
    const collector = find(manifests, 'Deployment', 'fleet-millrace-collector')
    expect(variable(collector, 'COLLECTOR_HTTP_PORT')).toBe('9481')
    expect(JSON.stringify(at(collector, 'spec.template.spec.containers.0.env'))).toContain('"key":"COLLECTOR_TOKEN"')
  })

  test.each([
    ['an unknown value, by its name', 'config.kafka.bootstrap="x"', "additional properties 'bootstrap' not allowed"],
    ['an unknown value of a workload', 'workloads.audit.replica=2', "additional properties 'replica' not allowed"],
    [
      'more replicas than partitions',
      'workloads.audit.autoscaling.maxReplicas=7',
      'workloads.audit.autoscaling.maxReplicas is 7: 7 replicas x 1 threads are more than the 6 partitions of its topics, set at most 6',
    ],
    [
      'more threads in all replicas than partitions',
      'workloads.application={"threads":4,"autoscaling":{"maxReplicas":4}}',
      '4 replicas x 4 threads are more than the 12 partitions of its topics, set at most 3',
    ],
    [
      'more fixed replicas than partitions',
      'workloads.performance={"replicas":4,"autoscaling":{"by":"none"}}',
      'workloads.performance.replicas is 4',
    ],
    [
      'a minimum above the maximum',
      'workloads.performance.threads=2',
      'workloads.performance.autoscaling.minReplicas is 3, more than maxReplicas 1',
    ],
    [
      'a grace period that is shorter than the drain',
      'terminationGracePeriodSeconds=60',
      'terminationGracePeriodSeconds is 60: the worker needs preStopSeconds (0), drainTimeoutMs (60 s) and 10 s, set at least 70',
    ],
    ['KEDA without topics', 'workloads.x={"module":"m","autoscaling":{"by":"keda"}}', 'workloads.x.topics is empty'],
    [
      'an option that the installed KEDA would ignore',
      'defaults.autoscaling={"by":"keda","keda":{"version":"2.17","evenPartitions":true}}',
      'keda.evenPartitions needs KEDA 2.18: keda.version is 2.17',
    ],
    [
      'a fallback that the installed KEDA would ignore',
      'defaults.autoscaling={"by":"keda","keda":{"version":"2.16.1"}}',
      'keda.fallback.behavior needs KEDA 2.17',
    ],
    [
      'a trigger by age with a KEDA that does not take it into the fallback',
      'defaults.autoscaling={"by":"keda","keda":{"version":"2.17","age":{"serverAddress":"http://p:9090"}}}',
      'keda.age needs KEDA 2.18',
    ],
    [
      'a trigger by age where no pod may be left that knows the age',
      'defaults.autoscaling={"by":"keda","minReplicas":0,"keda":{"version":"2.18","age":{"serverAddress":"http://p:9090"}}}',
      'keda.age needs minReplicas of 1 or more',
    ],
    [
      'a look at stuck partitions that is quicker than the commits',
      'defaults.autoscaling={"by":"keda","keda":{"excludeStuckPartitions":true,"pollingIntervalSeconds":5}}',
      'it must be longer than config.commitIntervalMs (5000)',
    ],
    ['no replicas without KEDA', 'defaults.autoscaling.minReplicas=0', 'minReplicas is 0, which only KEDA can do'],
    ['static members of a Deployment', 'defaults.staticMembership=true', 'staticMembership needs kind: StatefulSet'],
    [
      'a migration of a StatefulSet',
      'defaults={"kind":"StatefulSet","rollout":"migrate","migrateArgs":["m"]}',
      'rollout is migrate, which needs kind: Deployment',
    ],
    ['a workload without a module', 'workloads.x={}', 'workloads.x.module is empty'],
    ['a heap that leaves no room', 'defaults.memory.heapPercent=90', 'heapPercent'],
    [
      'heap and record caches that leave no room together',
      'workloads.audit.memory={"heapPercent":70,"cachePercent":11}',
      'workloads.audit.memory.heapPercent and cachePercent are 81 together: at most 80',
    ],
    ['a limit of memory in no unit', 'defaults.resources.limits.memory="1GB"', 'write a number with Mi or Gi'],
    ['an external secret of no store', 'externalSecret.enabled=true', 'externalSecret.store.name is empty'],
  ])('refuses %s', (_, setting, message) => {
    const { status, errors } = template(setting)
    expect(status).toBe(1)
    expect(errors).toContain(message)
  })

  test('has a HorizontalPodAutoscaler or a ScaledObject of a workload, never both', () => {
    const kinds = render('workloads.audit.autoscaling.by="keda"', 'workloads.performance={"autoscaling":{"by":"none"}}')
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject')
      .map(({ kind, metadata }) => `${metadata.name} ${kind}`)
    expect(kinds.sort()).toEqual([
      'fleet-millrace-alerts HorizontalPodAutoscaler',
      'fleet-millrace-application HorizontalPodAutoscaler',
      'fleet-millrace-audit ScaledObject',
    ])
  })

  test('sets replicas only where nothing else does', () => {
    const manifests = render('workloads.audit.autoscaling.by="none"')
    expect(at(find(manifests, 'Deployment', 'fleet-millrace-audit'), 'spec.replicas')).toBe(3)
    expect(at(find(manifests, 'Deployment', 'fleet-millrace-application'), 'spec.replicas')).toBeUndefined()
  })

  test('lets KEDA see the lag of the group in each of its topics, and no more pods than partitions', () => {
    const manifests = render(`${orders.slice(0, -1)},"group":"orders","autoscaling":{"by":"keda"}}`)
    const { triggers, fallback, advanced } = at(find(manifests, 'ScaledObject', 'fleet-millrace-orders'), 'spec') as {
      triggers: { metadata: Record<string, string> }[]
      fallback: unknown
      advanced: unknown
    }
    expect(triggers.map(({ metadata }) => metadata)).toMatchObject([
      { consumerGroup: 'orders', topic: 'orders', allowIdleConsumers: 'false', offsetResetPolicy: 'latest' },
    ])
    expect(fallback).toEqual({ failureThreshold: 0, replicas: 3, behavior: 'currentReplicas' })
    expect(at(advanced, 'horizontalPodAutoscalerConfig.behavior.scaleUp.stabilizationWindowSeconds')).toBe(60)
    expect(at(advanced, 'horizontalPodAutoscalerConfig.behavior.scaleDown')).toMatchObject({
      stabilizationWindowSeconds: 300,
      policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }],
    })
  })

  test('gives KEDA and the workers the same entries of the same secret', () => {
    const manifests = render(everyOption)
    const scaler = at(find(manifests, 'TriggerAuthentication', 'logs-kafka'), 'spec.secretTargetRef') as {
      parameter: string
      name: string
      key: string
    }[]
    const worker = JSON.stringify(find(manifests, 'Deployment', 'logs-application'))
    expect(scaler.map(({ parameter }) => parameter)).toEqual(['username', 'password', 'ca', 'cert', 'key'])
    for (const { name, key } of scaler) {
      expect(name).toBe('logs')
      expect(worker).toContain(`"key":"${key}"`)
    }
    expect(at(find(manifests, 'ScaledObject', 'logs-orders'), 'spec.triggers.0.metadata')).toMatchObject({
      tls: 'enable',
      sasl: 'scram_sha512',
    })
  })

  test('a StatefulSet keeps its state on its own volume, and the name of a member over a restart', () => {
    const manifests = render('defaults={"kind":"StatefulSet","staticMembership":true}')
    const workload = find(manifests, 'StatefulSet', 'fleet-millrace-audit')
    expect(at(workload, 'spec.volumeClaimTemplates.0.metadata.name')).toBe('state')
    expect(JSON.stringify(at(workload, 'spec.template.spec.volumes'))).not.toContain('"state"')
    expect(variable(workload, 'KAFKA_GROUP_INSTANCE_ID')).toBe('$(POD_NAME)')
  })

  test('lets pods with static members read their own StatefulSets, and nothing else', () => {
    const manifests = render('workloads.audit={"kind":"StatefulSet","staticMembership":true}')
    expect(at(find(manifests, 'Role', 'fleet-millrace'), 'rules')).toEqual([
      {
        apiGroups: ['apps'],
        resources: ['statefulsets'],
        resourceNames: ['fleet-millrace-audit'],
        verbs: ['get'],
      },
    ])
    const mounts = (kind: string, name: string) =>
      JSON.stringify(at(find(manifests, kind, name), 'spec.template.spec.containers.0.volumeMounts'))
    expect(mounts('StatefulSet', 'fleet-millrace-audit')).toContain('api-access')
    expect(mounts('Deployment', 'fleet-millrace-application')).not.toContain('api-access')
    expect(mounts('Job', 'fleet-millrace-audit-check')).not.toContain('api-access')
    expect(render().map(({ kind }) => kind)).not.toContain('Role')
  })

  test('a job is no static member of the group', () => {
    const manifests = render('defaults={"kind":"StatefulSet","staticMembership":true}')
    expect(variable(find(manifests, 'Job', 'fleet-millrace-audit-check'), 'KAFKA_GROUP_INSTANCE_ID')).toBeUndefined()
  })

  test('derives the time to stop from the drain, and the time to start from the restore', () => {
    const manifests = render('drainTimeoutMs=45500', 'preStopSeconds=5', 'restoreTimeoutSeconds=3600')
    const workload = find(manifests, 'Deployment', 'fleet-millrace-audit')
    expect(at(workload, 'spec.template.spec.terminationGracePeriodSeconds')).toBe(46 + 5 + 10)
    expect(at(workload, 'spec.progressDeadlineSeconds')).toBe(3660)
    const startup = at(workload, 'spec.template.spec.containers.0.startupProbe') as Record<string, number>
    expect(Number(startup.periodSeconds) * Number(startup.failureThreshold)).toBe(3600)
  })

  test.each([
    ['1Gi', 614, 10_737_418],
    ['1536Mi', 921, 16_106_127],
    ['2G', 1144, 19_996_344],
  ])('gives the heap 60 percent of a memory limit of %s, and the record caches 1 percent', (limit, heap, cache) => {
    const manifests = render(`defaults.resources.limits.memory="${limit}"`)
    const workload = find(manifests, 'Deployment', 'fleet-millrace-audit')
    expect(variable(workload, 'NODE_OPTIONS')).toBe(`--max-old-space-size=${heap}`)
    expect(variable(workload, 'CACHE_BYTES_MAX')).toBe(String(cache))
  })

  test('a job before an installation has everything that it needs', () => {
    const manifests = render('jobs.topics={"hook":"pre-install,pre-upgrade","args":["dist/topics.js"]}')
    const job = find(manifests, 'Job', 'fleet-millrace-topics')
    expect(at(job, 'metadata.annotations')).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' })
    expect(at(job, 'spec.template.spec.serviceAccountName')).toBe('default')
    expect(variable(job, 'KAFKA_BOOTSTRAP_SERVERS')).toBe('kafka:9092')
  })

  test('compares the topology with the cluster before an upgrade or a rollback, unless that is turned off', () => {
    const job = find(render(), 'Job', 'fleet-millrace-audit-check')
    expect(at(job, 'metadata.annotations')).toMatchObject({ 'helm.sh/hook': 'pre-upgrade,pre-rollback' })
    expect(at(job, 'spec.template.spec.containers.0.args')).toEqual(['diff', 'dist/workers/audit.js', '--rolling'])
    expect(variable(job, 'APPLICATION_ID')).toBe('fastmcp-log-consumers-audit')
    expect(render('defaults.checkTopology=false').filter(({ kind }) => kind === 'Job')).toEqual([])
  })

  test('gives that comparison the pipeline and files of its workload, before the release has them', () => {
    const given = {
      pipeline: 'name: own\n',
      extraEnvFrom: [{ configMapRef: { name: 'more' } }],
      extraVolumes: [{ name: 'geo', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'geo', mountPath: '/geo' }],
    }
    const manifests = render(`workloads.audit=${JSON.stringify(given)}`)
    const name = 'fleet-millrace-audit-check'
    const pipeline = find(manifests, 'ConfigMap', name)
    expect(at(pipeline, 'data')).toEqual({ 'pipeline.yaml': given.pipeline })
    expect(at(pipeline, 'metadata.annotations')).toMatchObject({
      'helm.sh/hook': 'pre-upgrade,pre-rollback',
      'helm.sh/hook-weight': '-1',
    })
    const job = find(manifests, 'Job', name)
    expect(variable(job, 'PIPELINE_FILE')).toBe('/etc/millrace/pipeline/pipeline.yaml')
    const pod = at(job, 'spec.template.spec')
    expect(pod).toMatchObject({ containers: [{ envFrom: given.extraEnvFrom }] })
    expect(at(job, 'spec.template.spec.volumes')).toEqual(
      expect.arrayContaining([{ name: 'pipeline', configMap: { name } }, ...given.extraVolumes]),
    )
  })

  test('a pod has each volume that its containers mount, also the pod of a job', () => {
    const volumes =
      '"extraVolumes":[{"name":"geo","emptyDir":{}}],"extraVolumeMounts":[{"name":"geo","mountPath":"/geo"}]'
    const manifests = render(
      everyOption,
      `defaults={"pipeline":"name: all\\n",${volumes}}`,
      'jobs.replay={"args":["replay","run","dist/orders.js","july"]}',
    ).filter((manifest) => at(manifest, 'spec.template.spec.containers') !== undefined)
    expect(new Set(manifests.map(({ kind }) => kind))).toEqual(new Set(['Deployment', 'StatefulSet', 'Job']))
    for (const manifest of manifests) {
      const names = (place: string) =>
        (at(manifest, place) as { name: string }[] | undefined)?.map(({ name }) => name) ?? []
      const claims = (at(manifest, 'spec.volumeClaimTemplates') as Manifest[] | undefined) ?? []
      const there = [...names('spec.template.spec.volumes'), ...claims.map(({ metadata }) => metadata.name)]
      const mounted = names('spec.template.spec.containers.0.volumeMounts')
      expect([manifest.metadata.name, mounted.filter((name) => !there.includes(name))]).toEqual([
        manifest.metadata.name,
        [],
      ])
    }
  })

  test('stops all old pods before a migration', () => {
    const manifests = render('defaults={"rollout":"migrate","migrateArgs":["dist/migrate.js"]}')
    const workload = find(manifests, 'Deployment', 'fleet-millrace-audit')
    expect(at(workload, 'spec.strategy')).toEqual({ type: 'Recreate' })
    expect(at(workload, 'spec.template.spec.initContainers.0')).toMatchObject({ args: ['dist/migrate.js'] })
    const check = find(manifests, 'Job', 'fleet-millrace-audit-check')
    expect(at(check, 'spec.template.spec.containers.0.args')).toEqual(['diff', 'dist/workers/audit.js'])
  })
})
