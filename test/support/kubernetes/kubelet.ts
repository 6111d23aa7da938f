import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesApi, KubernetesObject } from '../../../scripts/kubernetes/api.mjs'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import {
  type Container,
  type ContainerPlace,
  ContainerProcess,
  type EnvironmentEntry,
  type Image,
} from './pod-process.ts'
import { PodVolumes, type PodVolumesOptions } from './pod-volumes.ts'

export interface KubeletOptions {
  readonly api: KubernetesApi
  readonly namespace: string
  readonly image: Image
  /** State, volumes and logs go below it. What is next to it belongs to the test. */
  readonly folder: string
}

/** What has become of a pod, for an account. */
export interface PodRun {
  readonly name: string
  readonly component: string
  readonly opsPort: number
  readonly folder: string
  readonly startedMs: number
  endedMs: number | undefined
  exitCode: number | undefined
}

const roundMs = 150
const node = 'lab'

/**
 * Stands for scheduler, node and kubelet: pods of the namespace run as processes of this machine, their status follows
 * `/ready`, and a pod that is deleted has its grace period to drain. Limits, isolation and the network are not copied:
 * all pods share the loopback interface, so each has an ops port of its own.
 */
export class Kubelet {
  readonly #options: KubeletOptions
  readonly #pods = new Map<string, Pod>()
  readonly runs: PodRun[] = []
  #isStopped = false
  #loop: Promise<void> = Promise.resolve()

  constructor(options: KubeletOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.#options.api.post('/api/v1/nodes', { metadata: { name: node } })
    this.#loop = this.#run()
  }

  /** Ends all processes at once. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#loop
    await Promise.all([...this.#pods.values()].map((pod) => pod.kill()))
  }

  /** Pods whose process runs now, of one workload. */
  running(component: string): readonly PodRun[] {
    return [...this.#pods.values()].map(({ run }) => run).filter((run) => run.component === component)
  }

  async #run(): Promise<void> {
    const { api, namespace } = this.#options
    while (!this.#isStopped) {
      const pods = await api.list(`/api/v1/namespaces/${namespace}/pods`).catch(() => [])
      await Promise.all(pods.map((pod) => this.#follow(pod).catch(() => {})))
      const uids = new Set(pods.map(({ metadata }) => metadata.uid))
      for (const [uid, pod] of this.#pods) if (pods.length > 0 && !uids.has(uid)) await this.#forget(uid, pod)
      await sleep(roundMs)
    }
  }

  async #forget(uid: string, pod: Pod): Promise<void> {
    await pod.kill()
    this.#pods.delete(uid)
  }

  async #follow(object: KubernetesObject): Promise<void> {
    const { uid } = object.metadata
    const known = this.#pods.get(uid)
    if (known !== undefined) return known.follow(object)
    if (object.metadata.deletionTimestamp !== undefined) return this.#remove(object)
    if (['Succeeded', 'Failed'].includes(object.status.phase)) return
    const { api, namespace, image, folder } = this.#options
    const [opsPort = 0] = await freePorts(1)
    const place = join(folder, object.metadata.name)
    mkdirSync(place, { recursive: true })
    const run: PodRun = {
      name: object.metadata.name,
      component: object.metadata.labels?.['app.kubernetes.io/component'] ?? '',
      opsPort,
      folder: place,
      startedMs: performance.now(),
      endedMs: undefined,
      exitCode: undefined,
    }
    const volumes = { api, namespace, folder: place, claims: join(folder, 'volumes'), outside: dirname(folder) }
    const pod = new Pod({ api, namespace, image, run, volumes })
    this.#pods.set(uid, pod)
    this.runs.push(run)
    if (object.spec.nodeName === undefined) {
      const target = { apiVersion: 'v1', kind: 'Node', name: node }
      await api.post(`/api/v1/namespaces/${namespace}/pods/${run.name}/binding`, {
        metadata: { name: run.name },
        target,
      })
    }
    await pod.start(object)
  }

  async #remove(object: KubernetesObject): Promise<void> {
    await this.#options.api.remove(`/api/v1/namespaces/${this.#options.namespace}/pods/${object.metadata.name}`, {
      graceSeconds: 0,
    })
  }
}

interface PodOptions {
  readonly api: KubernetesApi
  readonly namespace: string
  readonly image: Image
  readonly run: PodRun
  readonly volumes: PodVolumesOptions
}

class Pod {
  readonly run: PodRun
  readonly #options: PodOptions
  #process: ContainerProcess | undefined
  #isStopping = false
  #told = ''

  constructor(options: PodOptions) {
    this.#options = options
    this.run = options.run
  }

  async start(object: KubernetesObject): Promise<void> {
    const volumes = await PodVolumes.prepare(object, this.#options.volumes)
    const placeOf = (container: Container) => this.#place(container, object, volumes)
    for (const container of object.spec.initContainers ?? []) {
      const first = new ContainerProcess(container, await placeOf(container))
      if ((await first.exited) !== 0) return this.#tell('Failed', false)
    }
    const [container] = object.spec.containers as readonly Container[]
    if (container === undefined || this.#isStopping) return
    this.#process = new ContainerProcess(container, await placeOf(container))
    void this.#process.exited.then((code) => {
      this.run.exitCode = code
      this.run.endedMs = performance.now()
    })
  }

  async #place(container: Container, object: KubernetesObject, volumes: PodVolumes): Promise<ContainerPlace> {
    return {
      image: this.#options.image,
      folder: this.run.folder,
      environment: await this.#environment(container, object, volumes),
      inPlace: (text) => volumes.inPlace(text, container),
    }
  }

  /** Once a round: starts the end of a pod that is deleted, else tells how it is. */
  async follow({ metadata, spec }: KubernetesObject): Promise<void> {
    if (metadata.deletionTimestamp !== undefined) return this.#stop((metadata.deletionGracePeriodSeconds ?? 30) * 1000)
    const process = this.#process
    if (process === undefined) return
    if (process.exitCode === undefined) return this.#tell('Running', await this.#isReady())
    if (spec.restartPolicy !== 'Always') return this.#tell(process.exitCode === 0 ? 'Succeeded' : 'Failed', false)
    this.#process = undefined
    await this.start({ metadata, spec })
  }

  async kill(): Promise<void> {
    this.#isStopping = true
    await this.#process?.kill()
  }

  async #stop(graceMs: number): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    await this.#tell('Running', false)
    void this.#end(graceMs)
  }

  async #end(graceMs: number): Promise<void> {
    await this.#process?.stop(graceMs)
    await this.#options.api.remove(this.#path(), { graceSeconds: 0 }).catch(() => {})
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.run.opsPort}/ready`, { signal: AbortSignal.timeout(1000) })).ok
    } catch {
      return false
    }
  }

  async #tell(phase: 'Running' | 'Succeeded' | 'Failed', ready: boolean): Promise<void> {
    const told = `${phase} ${ready}`
    if (told === this.#told) return
    const now = `${new Date().toISOString().slice(0, 19)}Z`
    const status = ready ? 'True' : 'False'
    const conditions = ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: type === 'Initialized' ? 'True' : status,
      lastTransitionTime: now,
    }))
    await this.#options.api.patch(`${this.#path()}/status`, {
      status: { phase, startTime: now, podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }], conditions },
    })
    this.#told = told
  }

  #path(): string {
    return `/api/v1/namespaces/${this.#options.namespace}/pods/${this.run.name}`
  }

  /** As a kubelet makes it, but for what pods on one machine cannot share: ports and folders. */
  async #environment(
    container: Container,
    object: KubernetesObject,
    volumes: PodVolumes,
  ): Promise<Record<string, string>> {
    const { hostname, port } = this.#options.api.address
    const environment: Record<string, string> = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
    for (const entry of container.env ?? []) {
      const value = await this.#value(entry, object)
      if (value !== undefined) environment[entry.name] = volumes.inPlace(expanded(value, environment), container)
    }
    return { ...environment, OPS_HOST: '127.0.0.1', OPS_PORT: String(this.run.opsPort) }
  }

  async #value({ value, valueFrom }: EnvironmentEntry, object: KubernetesObject): Promise<string | undefined> {
    if (valueFrom?.fieldRef?.fieldPath === 'metadata.name') return object.metadata.name
    const reference = valueFrom?.secretKeyRef
    if (reference === undefined) return value ?? ''
    const path = `/api/v1/namespaces/${this.#options.namespace}/secrets/${reference.name}`
    const secret = await this.#options.api.get(path).catch(() => undefined)
    const encoded: string | undefined = secret?.data?.[reference.key]
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
  }
}

function expanded(value: string, environment: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => environment[name] ?? whole)
}
