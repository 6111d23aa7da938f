import { MillraceError } from '../../core/errors.ts'
import type {
  Admin,
  GroupMember,
  GroupMemberOptions,
  GroupProtocol,
  GroupProtocolRequest,
  KafkaDriver,
  KafkaHealth,
  TransactionalProducerOptions,
} from '../port.ts'
import { WireAdmin } from './admin/admin.ts'
import { ClassicGroupMember } from './group/classic/classic-group-member.ts'
import { Cluster } from './cluster/cluster.ts'
import { type ClusterOptions, compileClusterOptions } from './connection/cluster-options.ts'
import { WireConsumer } from './consumer/consumer.ts'
import { Keepalive } from './group/keepalive.ts'
import { WireProducer } from './producer/producer.ts'
import { chooseGroupProtocol } from './group/protocol-choice.ts'
import { StreamsGroupMember } from './group/streams/streams-group-member.ts'
import { WireTransactionalProducer } from './producer/transactions/transactional-producer.ts'

/**
 * A process's access to a real cluster. Connects when something is first asked for. Throws INVALID_OPTION (fatal) for
 * options that cannot work.
 */
export function createWireDriver(options: ClusterOptions): KafkaDriver {
  return new WireDriver(new Cluster(compileClusterOptions(options)))
}

type NewMember = (cluster: Cluster, admin: Admin, keepalive: Keepalive, options: GroupMemberOptions) => GroupMember

/** How the member of each protocol is made. */
const newMember: Readonly<Record<GroupProtocol, NewMember>> = {
  classic: (...parts) => new ClassicGroupMember(...parts),
  streams: (cluster, _, keepalive, options) => new StreamsGroupMember(cluster, keepalive, options),
}

/**
 * The driver of one application. It owns the cluster and the heartbeat thread, and ends with them every consumer and
 * producer that it made. A group member leaves by itself before that.
 */
class WireDriver implements KafkaDriver {
  readonly #cluster: Cluster
  readonly #keepalive: Keepalive
  /** Consumers and producers that are ended with the driver. */
  readonly #open = new Set<{ end(): void }>()
  #lanes = 0
  #isClosed = false

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#keepalive = new Keepalive(cluster.config)
  }

  consumer(options: Parameters<KafkaDriver['consumer']>[0]): WireConsumer {
    this.#throwIfClosed()
    return this.#keep(new WireConsumer(this.#cluster, options, `consumer-${++this.#lanes}`))
  }

  producer(options: Parameters<KafkaDriver['producer']>[0]): WireProducer {
    this.#throwIfClosed()
    return this.#keep(new WireProducer(this.#cluster, options, `producer-${++this.#lanes}`))
  }

  transactionalProducer(options: TransactionalProducerOptions): WireTransactionalProducer {
    this.#throwIfClosed()
    return this.#keep(new WireTransactionalProducer(this.#cluster, options, `producer-${++this.#lanes}`))
  }

  admin(): WireAdmin {
    this.#throwIfClosed()
    return new WireAdmin(this.#cluster)
  }

  groupProtocol(request: GroupProtocolRequest): Promise<GroupProtocol> {
    this.#throwIfClosed()
    return chooseGroupProtocol(this.#cluster, request)
  }

  groupMember(options: GroupMemberOptions): GroupMember {
    return newMember[options.protocol](this.#cluster, this.admin(), this.#keepalive, options)
  }

  health(): KafkaHealth {
    return this.#cluster.health()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const object of [...this.#open]) object.end()
    this.#cluster.close()
    await this.#keepalive.close()
  }

  #keep<T extends { end(): void; onEnd: () => void }>(object: T): T {
    this.#open.add(object)
    object.onEnd = () => this.#open.delete(object)
    return object
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw new MillraceError('DRIVER_CLOSED', 'fatal', 'the Kafka driver is closed')
  }
}
