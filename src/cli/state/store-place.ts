import { MillraceError } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import { partitionOfKey } from '../../kafka/partitioner.ts'
import type { Admin } from '../../kafka/port.ts'
import type { StoreSpec } from '../../stores/store-spec.ts'
import { changelogTopicName } from '../../topology/topology.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'

const anySettings = { replicationFactor: -1, windowStoreAdditionalRetentionMs: 0 }

/** A key as the worker is asked for it, and the partition that it belongs to. */
export interface KeyPlace {
  /** JSON of the key. */
  readonly json: string
  readonly partition: number
}

/** Which tasks of an application have a store. */
export class StorePlace {
  readonly store: string
  readonly #spec: StoreSpec
  readonly #worker: PreparedWorker

  /** Throws STORE_NOT_FOUND. */
  constructor(worker: PreparedWorker, store: string) {
    const spec = worker.topology.stores.get(store)
    if (spec === undefined) {
      const names = [...worker.topology.stores.keys()].join(', ') || 'none'
      throw new MillraceError('STORE_NOT_FOUND', 'fatal', `the topology has no store named ${store}: it has ${names}`)
    }
    this.store = store
    this.#spec = spec
    this.#worker = worker
  }

  /** The subtopology whose tasks have it; undefined: each process has all of it. */
  get subtopology(): number | undefined {
    const { topology } = this.#worker
    if (topology.globalStores.has(this.store)) return undefined
    return topology.subtopologies.find(({ stores }) => stores.includes(this.store))?.id
  }

  /** Text that is no JSON is taken as it is. Throws ILLEGAL_ARGUMENT for a key that the serde does not take. */
  async keyPlace(text: string, admin: Admin): Promise<KeyPlace> {
    const { key, bytes } = this.#keyOf(text)
    const serde = this.#spec.key
    const count = await this.#partitions(admin)
    return { json: JSON.stringify(key), partition: partitionOfKey(serde.partitionBytes?.(bytes) ?? bytes, count) }
  }

  /** JSON of a key that has no partition of its own, as a bound of a range. */
  keyJson(text: string): string {
    return JSON.stringify(this.#keyOf(text).key)
  }

  /** The first form of the text that the serde takes: JSON, then the text itself. A string serde takes the text only. */
  #keyOf(text: string): { readonly key: unknown; readonly bytes: Uint8Array } {
    const { key: serde } = this.#spec
    const topic = changelogTopicName(this.#worker.applicationId, this.store)
    const candidates = serde.name === 'string' ? [text] : [...jsonOf(text), text]
    for (const key of candidates) {
      try {
        return { key, bytes: serde.serialize(key, topic, noHeaders) }
      } catch {
        // The next form, or none.
      }
    }
    const fault = `'${text}' is no key of store ${this.store}, whose serde is ${serde.name}: give JSON`
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', fault)
  }

  /** As many as the widest topic that its subtopology reads. */
  async #partitions(admin: Admin): Promise<number> {
    const { topology, applicationId } = this.#worker
    const groups = topology.groupTopology(applicationId, anySettings, await admin.listTopics())
    const group = groups.find(({ id }) => id === this.subtopology)
    const described = await admin.describeTopics(group?.sourceTopics ?? [])
    return Math.max(1, ...described.map(({ partitions }) => partitions.length))
  }
}

function jsonOf(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)]
  } catch {
    return []
  }
}
