// @ts-check
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { customResourceFiles, readYaml } from '../helm/tools.mjs'
import { freePorts, startServer, stopServer, waitUntilReady } from '../lab/processes.mjs'
import { KubernetesApi } from './api.mjs'
import { writeCredentials } from './credentials.mjs'
import { kubernetesProgram } from './install.mjs'

const startTimeoutMs = 90_000
const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'job-controller',
  'horizontal-pod-autoscaler-controller',
  'disruption-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'endpointslice-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
]

/**
 * What the start of one process tells: its id, so that it ends with the caller.
 * @callback Started
 * @param {number} pid
 * @returns {void}
 */

/**
 * etcd, a real kube-apiserver with its controllers, and KEDA, on the loopback interface. There is no scheduler and no
 * kubelet: pods are run by whoever watches them.
 */
export class ControlPlane {
  /** @type {number[]} */
  #pids = []
  #folder
  #started

  /**
   * @param {KubernetesApi} api
   * @param {string} folder
   * @param {Started} started
   */
  constructor(api, folder, started) {
    this.api = api
    this.#folder = folder
    this.#started = started
  }

  get kubeconfig() {
    return join(this.#folder, 'kubeconfig')
  }

  /**
   * Resolves when the API answers, with KEDA and the custom resources in it.
   * @param {{ readonly folder: string, readonly started?: Started }} options
   */
  static async start({ folder, started = () => {} }) {
    mkdirSync(folder, { recursive: true })
    const [etcd = 0, peers = 0, server = 0, ...others] = await freePorts(9)
    const address = `https://127.0.0.1:${server}`
    await writeCredentials(folder, address)
    const plane = new ControlPlane(new KubernetesApi(address), folder, started)
    try {
      await plane.#startEtcd(etcd, peers)
      await plane.#startServer(server, etcd)
      await plane.#startControllers(others.splice(0, 1))
      await plane.#addCustomResources()
      await plane.#startKeda(others)
      return plane
    } catch (error) {
      await plane.stop()
      throw error
    }
  }

  /** The server goes before etcd, or it lingers and holds its port. */
  async stop() {
    for (const pid of this.#pids.reverse()) await stopServer(pid, 5000)
    this.#pids = []
    await this.api.close()
  }

  /**
   * @param {number} port
   * @param {number} peerPort
   */
  async #startEtcd(port, peerPort) {
    const [url, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
    const pid = this.#spawn('etcd', [
      `--data-dir=${join(this.#folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
    ])
    await this.#until('etcd', pid, async () => (await fetch(`${url}/health`).catch(() => undefined))?.ok === true)
  }

  /**
   * @param {number} port
   * @param {number} etcdPort
   */
  async #startServer(port, etcdPort) {
    const at = (/** @type {string} */ name) => join(this.#folder, name)
    const pid = this.#spawn('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${at('tls.crt')}`,
      `--tls-private-key-file=${at('tls.key')}`,
      `--service-account-key-file=${at('accounts.key')}`,
      `--service-account-signing-key-file=${at('accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--token-auth-file=${at('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--enable-aggregator-routing=false',
      '--disable-admission-plugins=ServiceAccount',
      `--requestheader-client-ca-file=${at('ca.crt')}`,
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-username-headers=X-Remote-User',
      `--proxy-client-cert-file=${at('tls.crt')}`,
      `--proxy-client-key-file=${at('tls.key')}`,
    ])
    await this.#until('kube-apiserver', pid, () => this.api.answers('/readyz'))
  }

  /** @param {readonly number[]} ports */
  async #startControllers([port]) {
    this.#spawn('kube-controller-manager', [
      `--kubeconfig=${this.kubeconfig}`,
      '--leader-elect=false',
      '--use-service-account-credentials=false',
      `--service-account-private-key-file=${join(this.#folder, 'accounts.key')}`,
      `--root-ca-file=${join(this.#folder, 'ca.crt')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--controllers=${controllers.join(',')}`,
      '--horizontal-pod-autoscaler-sync-period=3s',
    ])
  }

  async #addCustomResources() {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    for (const definition of readYaml(customResourceFiles())) await this.api.post(path, definition)
    await this.#until('the custom resources', undefined, () => this.api.answers('/apis/keda.sh/v1alpha1/scaledobjects'))
  }

  /**
   * The adapter is reached as a service outside of the cluster, because nothing here routes addresses of services.
   * @param {readonly number[]} ports
   */
  async #startKeda([metrics, probes, service, adapter, adapterMetrics]) {
    const { api } = this
    await api.post('/api/v1/namespaces', { metadata: { name: 'keda' } })
    const env = { WATCH_NAMESPACE: '', POD_NAMESPACE: 'keda', KEDA_CLUSTER_OBJECT_NAMESPACE: 'keda' }
    const operator = [
      `--kubeconfig=${this.kubeconfig}`,
      `--cert-dir=${this.#folder}`,
      `--metrics-bind-address=127.0.0.1:${metrics}`,
      `--health-probe-bind-address=127.0.0.1:${probes}`,
      `--metrics-service-bind-address=127.0.0.1:${service}`,
      '--enable-webhook-patching=false',
      '--enable-apiservice-patching=false',
    ]
    const pid = this.#spawn('keda-operator', operator, env)
    const files = ['lister-kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig', 'kubeconfig']
    const adapterPid = this.#spawn(
      'keda-adapter',
      [
        `--secure-port=${adapter}`,
        '--bind-address=127.0.0.1',
        `--port=${adapterMetrics}`,
        ...files.map((name) => `--${name}=${this.kubeconfig}`),
        `--tls-cert-file=${join(this.#folder, 'tls.crt')}`,
        `--tls-private-key-file=${join(this.#folder, 'tls.key')}`,
        `--cert-dir=${this.#folder}`,
        `--metrics-service-address=localhost:${service}`,
      ],
      env,
    )
    await api.post('/api/v1/namespaces/keda/services', {
      metadata: { name: 'keda-metrics' },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: adapter }] },
    })
    await api.post('/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: 'v1beta1.external.metrics.k8s.io' },
      spec: {
        group: 'external.metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'keda-metrics', namespace: 'keda', port: adapter },
      },
    })
    const isReady = async () => (await fetch(`http://127.0.0.1:${probes}/readyz`).catch(() => undefined))?.ok === true
    await this.#until('keda-operator', pid, isReady)
    await this.#until('keda-adapter', adapterPid, () => api.answers('/apis/external.metrics.k8s.io/v1beta1'))
  }

  /**
   * @param {import('./install.mjs').ProgramName} name
   * @param {readonly string[]} args
   * @param {Record<string, string>} env
   */
  #spawn(name, args, env = {}) {
    const logFile = this.#logFile(name)
    const pid = startServer({ program: kubernetesProgram(name), args, logFile, env, cwd: this.#folder })
    this.#pids.push(pid)
    this.#started(pid)
    return pid
  }

  /** @param {string} name */
  #logFile(name) {
    return join(this.#folder, `${name}.log`)
  }

  /**
   * @param {string} name
   * @param {number | undefined} pid
   * @param {() => Promise<boolean>} ready
   */
  #until(name, pid, ready) {
    const watched = pid ?? this.#pids[1] ?? 0
    const logFile = this.#logFile(pid === undefined ? 'kube-apiserver' : name)
    return waitUntilReady({ name, pid: watched, logFile, timeoutMs: startTimeoutMs, ready })
  }
}
