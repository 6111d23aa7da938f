import { beforeAll, expect, test } from '@jest/globals'
import { helmProgram, kubeconformProgram, kubernetesVersions } from '../../../scripts/helm/tools.mjs'
import { requireServer } from '../../support/require-server.ts'
import { chart, everyOption, faults, run, template } from './chart-tool.ts'

/** Each option by itself, on or off, as it differs from the values of the chart. */
const oneOptionEach: readonly (readonly [string, string])[] = [
  ['nothing scales the workloads', 'defaults.autoscaling.by="none"'],
  ['KEDA scales them', 'defaults.autoscaling.by="keda"'],
  ['KEDA scales to zero', 'defaults.autoscaling={"by":"keda","minReplicas":0,"keda":{"activationLag":100}}'],
  [
    'KEDA looks at the age too',
    'defaults.autoscaling={"by":"keda","keda":{"version":"2.18","age":{"serverAddress":"http://p:9090"}}}',
  ],
  ['the autoscaler looks at the lag only', 'defaults.autoscaling.hpa={"cpuPercent":0,"memoryPercent":0}'],
  ['the autoscaler looks at the processor only', 'defaults.autoscaling.hpa={"consumerLag":0,"memoryPercent":0}'],
  ['state is on volumes', 'defaults.kind="StatefulSet"'],
  ['members are static', 'defaults={"kind":"StatefulSet","staticMembership":true}'],
  ['one of the workloads is left out', 'workloads.audit.enabled=false'],
  ['an own topology runs beside them', 'workloads.orders={"module":"dist/orders.js","topics":{"orders":8}}'],
  ['a collector', 'workloads.collector.enabled=true'],
  ['a pipeline of its own', 'defaults={"pipeline":"name: orders"}'],
  ['a change is migrated', 'defaults={"rollout":"migrate","migrateArgs":["dist/migrate.js"]}'],
  ['TLS with own authorities', 'config.kafka.tls={"enabled":true,"ca":true}'],
  ['TLS with a client certificate', 'config.kafka.tls={"enabled":true,"ca":true,"clientCertificate":true}'],
  ['SASL', 'config.kafka.saslMechanism="PLAIN"'],
  ['no look at the topology', 'defaults.checkTopology=false'],
  ['a topics job is a hook', 'jobs.topics={"hook":"pre-install,pre-upgrade","args":["dist/topics.js"]}'],
  ['a replay job is part of the release', 'jobs.replay={"parallelism":2,"args":["dist/replay.js"]}'],
  ['a network policy', 'networkPolicy.enabled=true'],
  ['no disruption budget', 'podDisruptionBudget.enabled=false'],
  ['no spread', 'topologySpread.keys=[]'],
  ['a ServiceMonitor', 'monitoring.scrape="ServiceMonitor"'],
  ['a PodMonitor', 'monitoring.scrape="PodMonitor"'],
  ['alert rules', 'monitoring.rules=true'],
  ['dashboards', 'monitoring.dashboards=true'],
  ['an external secret', 'externalSecret={"enabled":true,"remoteKey":"a","store":{"name":"b"}}'],
  ['the live tail', 'liveTail.enabled=true'],
  ['the live tail behind an ingress', 'liveTail={"enabled":true,"ingress":{"enabled":true}}'],
  ['the live tail below a path', 'liveTail={"enabled":true,"ingress":{"enabled":true,"path":"/tail"}}'],
  ['the live tail with tokens', 'liveTail={"enabled":true,"tokens":true}'],
  ['no service account', 'serviceAccount.create=false'],
  ['time before SIGTERM', 'preStopSeconds=5'],
  ['users that the platform chooses', 'podSecurityContext={"runAsUser":null,"fsGroup":null}'],
]

requireServer('helm').describe('the manifests of the chart', () => {
  beforeAll(() => {
    helmProgram()
    kubeconformProgram()
    kubernetesVersions()
  }, 1_200_000)

  test('pass helm lint', () => {
    expect(run(helmProgram(), ['lint', chart, '--strict', '--kube-version', '1.35.0'])).toMatchObject({ status: 0 })
  })

  test('are valid for every Kubernetes from 1.29 on, as they come and with every option on', () => {
    const manifests = rendered([
      ['as it comes', []],
      ['every option', [everyOption]],
    ])
    const versions = kubernetesVersions()
    expect(versions).toEqual(expect.arrayContaining(['1.29', '1.30', '1.31', '1.32', '1.33', '1.34', '1.35']))
    for (const version of versions) expect([version, faults(manifests, version)]).toEqual([version, {}])
  })

  test('are valid with each option by itself', () => {
    const manifests = rendered(oneOptionEach.map(([name, setting]) => [name, [setting]]))
    expect(manifests.size).toBe(oneOptionEach.length)
    expect(faults(manifests, '1.35')).toEqual({})
  })

  test('would not be valid with a misspelt field: the validator sees one', () => {
    const { output } = template('defaults.autoscaling.by="keda"')
    const misspelt = new Map([
      ['of KEDA', output.replace('pollingInterval:', 'polingInterval:')],
      ['of Kubernetes', output.replace('maxUnavailable: 1', 'maxUnavailble: 1')],
    ])
    expect(faults(misspelt, '1.35')).toEqual({
      'of KEDA': expect.stringContaining('polingInterval'),
      'of Kubernetes': expect.stringContaining('maxUnavailble'),
    })
  })
})

/** By name, what the chart makes of these settings. */
function rendered(cases: readonly (readonly [string, readonly string[]])[]): ReadonlyMap<string, string> {
  return new Map(
    cases.map(([name, settings]) => {
      const { status, output, errors } = template(...settings)
      if (status !== 0) throw new Error(`${name}: ${errors}`)
      return [name, output]
    }),
  )
}
