import { MillraceError } from '../../core/errors.ts'
import type { BrokerHealth, KafkaDriver } from '../port.ts'
import { MemoryAdmin } from './admin.ts'
import type { MemoryCluster } from './cluster.ts'
import { MemoryConsumer } from './consumer.ts'
import { MemoryGroupMember } from './group-member.ts'
import { MemoryProducer } from './producer.ts'
import { MemoryTransactionalProducer } from './transactional-producer.ts'

/** Nothing stands between a process and itself. */
const memoryBroker: BrokerHealth = Object.freeze({
  nodeId: 0,
  address: 'memory',
  isConnected: true,
  failingForMs: undefined,
  lastErrorCode: undefined,
  requestsInFlight: 0,
})

interface Ending {
  readonly isEnded: boolean
  /** From now on every call is refused with this. */
  end(error: MillraceError): void
}

/**
 * A process's access to a cluster in the same process. Closing it is what a crash is to the cluster: members fall
 * silent, records in flight are gone, and transactions stay open until they time out or their id is initialized again.
 */
export function createMemoryDriver(cluster: MemoryCluster): KafkaDriver {
  const made = new Set<Ending>()
  let closedBy: MillraceError | undefined
  const keep = <T extends Ending>(object: T): T => {
    if (closedBy !== undefined) throw closedBy
    for (const each of made) if (each.isEnded) made.delete(each)
    made.add(object)
    return object
  }
  return {
    consumer: (options) => keep(new MemoryConsumer(cluster, options)),
    producer: (options) => keep(new MemoryProducer(cluster, options)),
    transactionalProducer: (options) => keep(new MemoryTransactionalProducer(cluster, options)),
    admin: () => keep(new MemoryAdmin(cluster)),
    groupProtocol: async () => 'classic',
    groupMember: (options) => keep(new MemoryGroupMember(cluster, options)),
    health: () => ({ brokers: [memoryBroker], leaderless: [] }),
    async close() {
      closedBy ??= new MillraceError('DRIVER_CLOSED', 'fatal', 'the Kafka driver is closed')
      for (const object of made) object.end(closedBy)
    },
  }
}
