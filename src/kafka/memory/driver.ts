import { MillraceError } from '../../core/errors.ts'
import type { KafkaDriver } from '../port.ts'
import { MemoryAdmin } from './admin.ts'
import type { MemoryCluster } from './cluster.ts'
import { MemoryConsumer } from './consumer.ts'
import { MemoryGroupMember } from './group-member.ts'
import { MemoryProducer } from './producer.ts'

/**
 * A process's access to a cluster in the same process. Closing it is what a crash is to the cluster: members fall silent
 * and records under way are gone.
 */
export function createMemoryDriver(cluster: MemoryCluster): KafkaDriver {
  const made: { end(error: MillraceError): void }[] = []
  let closedBy: MillraceError | undefined
  const keep = <T extends { end(error: MillraceError): void }>(object: T): T => {
    if (closedBy !== undefined) throw closedBy
    made.push(object)
    return object
  }
  return {
    consumer: (options) => keep(new MemoryConsumer(cluster, options)),
    producer: (options) => keep(new MemoryProducer(cluster, options)),
    admin: () => keep(new MemoryAdmin(cluster)),
    groupMember: (options) => keep(new MemoryGroupMember(cluster, options)),
    async close() {
      closedBy ??= new MillraceError('DRIVER_CLOSED', 'fatal', 'the Kafka driver is closed')
      for (const object of made.splice(0)) object.end(closedBy)
    },
  }
}
