import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fleetTopics } from '../../fleet/topics.ts'
import { helmProgram } from '../../scripts/helm/tools.mjs'
import { ControlPlane } from '../../scripts/kubernetes/control-plane.mjs'
import { guardFolder, guardProcess } from '../../scripts/lab/guard.mjs'
import { ensureTopics } from '../../src/worker/index.ts'
import { packageRoot } from '../../scripts/lab/folders.mjs'
import { type KafkaCluster, startKafka } from '../../test/support/kafka-cluster.ts'
import { Kubelet } from '../../test/support/kubernetes/kubelet.ts'
import { createKafkaWitness, type KafkaWitness } from '../ledger/kafka-witness.ts'

const secretName = 'millrace'
const namespace = 'default'

export interface LabOptions {
  /** The compiled package: it stands for the image. */
  readonly image: string
  /** Default: a broker without security. The lab stops it. */
  readonly kafka?: LabKafka
  /** What the Secret of the workers holds beside their token. */
  readonly secret?: Readonly<Record<string, string>>
}

type LabKafka = Pick<KafkaCluster, 'bootstrap' | 'kill' | 'restart' | 'stop'>

/** A real broker, a real control plane with KEDA, and a stand-in for kubelets that runs pods as processes. */
export class KubernetesLab {
  readonly folder: string
  readonly kafka: LabKafka
  readonly witness: KafkaWitness
  readonly plane: ControlPlane
  readonly kubelet: Kubelet

  private constructor(parts: Pick<KubernetesLab, 'folder' | 'kafka' | 'witness' | 'plane'>, image: string) {
    this.folder = parts.folder
    this.kafka = parts.kafka
    this.witness = parts.witness
    this.plane = parts.plane
    this.kubelet = new Kubelet({
      api: this.plane.api,
      namespace,
      image: { folder: image, entryPoint: ['node', 'src/cli/main.js'] },
      folder: join(this.folder, 'pods'),
    })
  }

  static async start({ image, kafka: given, secret }: LabOptions): Promise<KubernetesLab> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kubernetes-'))
    guardFolder(folder)
    const kafka = given ?? (await startKafka())
    await ensureTopics({ bootstrap: [kafka.bootstrap] }, fleetTopics(1))
    const witness = await createKafkaWitness(kafka.bootstrap)
    const plane = await ControlPlane.start({ folder: join(folder, 'plane'), started: guardProcess })
    const lab = new KubernetesLab({ folder, kafka, witness, plane }, image)
    await plane.api.post(`/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name: secretName },
      stringData: { OPS_TOKEN: 'lab', ...secret },
    })
    await lab.kubelet.start()
    return lab
  }

  async stop(): Promise<void> {
    await this.kubelet.stop()
    await this.plane.stop()
    await this.witness.close()
    await this.kafka.stop()
  }

  /** Where the sinks of a pod write: `$(POD_NAME)` is the kubelet's to replace. */
  get outputs(): string {
    return join(this.folder, 'outputs')
  }

  /** `helm install` or `upgrade` with these values, which waits for hooks; rejects with what helm said. */
  async helm(verb: 'install' | 'upgrade', release: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.folder, 'values.json')
    writeFileSync(file, JSON.stringify(values))
    await this.#helm(verb, release, join(packageRoot(), 'helm/millrace'), '--values', file, '--timeout', '90s')
  }

  /** `helm rollback`, which waits for hooks; rejects with what helm said. */
  rollBack(release: string, revision: number): Promise<void> {
    return this.#helm('rollback', release, String(revision), '--timeout', '90s')
  }

  /** The workload as the API has it now. */
  deployment(release: string, name: string) {
    return this.plane.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${release}-millrace-${name}`)
  }

  statefulSet(release: string, name: string) {
    return this.plane.api.get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${release}-millrace-${name}`)
  }

  scaledObject(release: string, name: string) {
    return this.plane.api.get(
      `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects/${release}-millrace-${name}`,
    )
  }

  /** As a person or a node that is drained does it: the pod has its grace period. */
  async deletePod(name: string): Promise<void> {
    await this.plane.api.remove(`/api/v1/namespaces/${namespace}/pods/${name}`)
  }

  /** Removes a release; resolves when its pods are gone. */
  uninstall(release: string): Promise<void> {
    return this.#helm('uninstall', release, '--wait', '--timeout', '60s')
  }

  /** Beside this process, which runs the pods that helm waits for. */
  async #helm(...args: readonly string[]): Promise<void> {
    await promisify(execFile)(helmProgram(), [...args, '--kubeconfig', this.plane.kubeconfig], { timeout: 120_000 })
  }

  /** What KEDA gives the autoscaler for this workload: the lag that it sees. */
  async scalerLag(release: string, name: string): Promise<number> {
    const object = `${release}-millrace-${name}`
    const { status } = await this.scaledObject(release, name)
    const selector = encodeURIComponent(`scaledobject.keda.sh/name=${object}`)
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${status.externalMetricNames[0]}`
    const [item] = await this.plane.api.list(`${path}?labelSelector=${selector}`)
    return quantity(item?.value ?? '')
  }
}

/** Kubernetes writes thousands as `99k` and thousandths as `1500m`. */
function quantity(text: string): number {
  const [, number, unit = ''] = /^(\d+)([mkM]?)$/.exec(text) ?? []
  if (number === undefined) throw new Error(`'${text}' is not a quantity`)
  return Number(number) * ({ m: 0.001, '': 1, k: 1000, M: 1_000_000 }[unit] ?? Number.NaN)
}
