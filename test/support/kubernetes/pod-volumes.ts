import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesApi, KubernetesObject } from '../../../scripts/kubernetes/api.mjs'
import type { Container } from './pod-process.ts'

export interface PodVolumesOptions {
  readonly api: KubernetesApi
  readonly namespace: string
  /** Of volumes that go with the pod. */
  readonly folder: string
  /** Of volume claims: they stay when the pod goes. */
  readonly claims: string
  /** Paths below it belong to the test, although a volume of the pod may be mounted above it. */
  readonly outside: string
}

/** The volumes of one pod as folders of this machine: of claims, Secrets, ConfigMaps, a token of its account, or empty. */
export class PodVolumes {
  readonly #options: PodVolumesOptions
  readonly #folders = new Map<string, string>()

  private constructor(options: PodVolumesOptions) {
    this.#options = options
  }

  static async prepare(object: KubernetesObject, options: PodVolumesOptions): Promise<PodVolumes> {
    const volumes = new PodVolumes(options)
    for (const volume of object.spec.volumes ?? []) await volumes.#add(volume, object)
    return volumes
  }

  /** A path in the container as a path of this machine; other texts stay as they are. */
  inPlace(text: string, { volumeMounts = [] }: Container): string {
    const mount = volumeMounts.find(({ mountPath }) => text === mountPath || text.startsWith(`${mountPath}/`))
    if (mount === undefined || text.startsWith(this.#options.outside)) return text
    return `${this.#folders.get(mount.name)}${text.slice(mount.mountPath.length)}`
  }

  async #add(volume: KubernetesObject, object: KubernetesObject): Promise<void> {
    const { folder, claims } = this.#options
    const claim: string | undefined = volume.persistentVolumeClaim?.claimName
    const place = claim === undefined ? join(folder, object.metadata.uid, volume.name) : join(claims, claim)
    mkdirSync(place, { recursive: true })
    this.#folders.set(volume.name, place)
    if (volume.secret !== undefined) await this.#writeSecret(place, volume.secret)
    if (volume.configMap !== undefined) await this.#writeConfigMap(place, volume.configMap)
    for (const source of volume.projected?.sources ?? []) await this.#writeProjected(place, source, object)
  }

  async #writeSecret(place: string, { secretName, items }: KubernetesObject): Promise<void> {
    const { data } = await this.#get(`secrets/${secretName}`)
    for (const { key, path } of items) writeFileSync(join(place, path), Buffer.from(data[key], 'base64'))
  }

  /** A token is one that the API server has issued: it may do what the account may do. */
  async #writeProjected(place: string, source: KubernetesObject, { spec }: KubernetesObject): Promise<void> {
    const { api, namespace } = this.#options
    if (source.serviceAccountToken !== undefined) {
      const { path, expirationSeconds } = source.serviceAccountToken
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}`
      const { status } = await api.post(`${account}/token`, { spec: { expirationSeconds } })
      writeFileSync(join(place, path), status.token)
    }
    if (source.configMap !== undefined) await this.#writeConfigMap(place, source.configMap)
  }

  /** Without `items`, each key is a file. */
  async #writeConfigMap(place: string, { name, items }: KubernetesObject): Promise<void> {
    const { data } = await this.#get(`configmaps/${name}`)
    for (const { key, path } of items ?? Object.keys(data).map((key) => ({ key, path: key })))
      writeFileSync(join(place, path), data[key])
  }

  #get(path: string): Promise<KubernetesObject> {
    return this.#options.api.get(`/api/v1/namespaces/${this.#options.namespace}/${path}`)
  }
}
