import { MillraceError } from '../../core/errors.ts'
import type { KafkaDriver } from '../port.ts'
import { WireAdmin } from './admin.ts'
import { ClassicGroupMember } from './classic-group.ts'
import { Cluster } from './cluster.ts'
import { type ClusterConfig, type ClusterOptions, compileClusterOptions } from './cluster-options.ts'
import { loadZstd } from './compression-zstd.ts'
import { WireConsumer } from './consumer.ts'
import { WireProducer } from './producer.ts'

/**
 * A process's access to a real cluster. Connects when something is first asked for. Throws INVALID_OPTION (fatal) for
 * options that cannot work.
 */
export function createWireDriver(options: ClusterOptions): KafkaDriver {
  return new WireDriver(compileClusterOptions(options))
}

class WireDriver implements KafkaDriver {
  readonly #config: ClusterConfig
  /** By client id, the name under which brokers log, measure and limit. */
  readonly #clusters = new Map<string, Cluster>()
  /** What is to be ended with the driver. */
  readonly #open = new Set<{ end(): void }>()
  #lanes = 0
  #isClosed = false

  constructor(config: ClusterConfig) {
    this.#config = config
    // Whoever needs zstd awaits it again, and is told then when it failed.
    loadZstd().catch(() => {})
  }

  consumer(options: Parameters<KafkaDriver['consumer']>[0]): WireConsumer {
    const consumer = new WireConsumer(this.#cluster(options.clientId), options, `consumer-${++this.#lanes}`)
    return this.#keep(consumer)
  }

  producer(options: Parameters<KafkaDriver['producer']>[0]): WireProducer {
    const producer = new WireProducer(this.#cluster(options.clientId), options, `producer-${++this.#lanes}`)
    return this.#keep(producer)
  }

  admin(): WireAdmin {
    return new WireAdmin(this.#cluster(this.#config.clientId))
  }

  groupMember(options: Parameters<KafkaDriver['groupMember']>[0]): ClassicGroupMember {
    return new ClassicGroupMember(this.#cluster(options.clientId), this.admin(), options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const object of [...this.#open]) object.end()
    for (const cluster of this.#clusters.values()) cluster.close()
    this.#clusters.clear()
  }

  #keep<T extends { end(): void; onEnd: () => void }>(object: T): T {
    this.#open.add(object)
    object.onEnd = () => this.#open.delete(object)
    return object
  }

  #cluster(clientId: string): Cluster {
    if (this.#isClosed) throw new MillraceError('DRIVER_CLOSED', 'fatal', 'the Kafka driver is closed')
    let cluster = this.#clusters.get(clientId)
    if (cluster === undefined) {
      cluster = new Cluster(Object.freeze({ ...this.#config, clientId }))
      this.#clusters.set(clientId, cluster)
    }
    return cluster
  }
}
