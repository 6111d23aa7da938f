import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/**
 * The repartition filter keeps records with a null key out of a repartition topic. It is appended unless a join
 * downstream accepts null keys (KIP-962). By Kafka Streams' rule these records do not count as dropped.
 */
export class RepartitionFilterOperator extends ForwardingOperator {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key != null) this.output.process(key, value, timestamp, headers)
  }
}
