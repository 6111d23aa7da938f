import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/** Keeps records without a key out of a repartition topic; by Kafka Streams' rule they do not count as dropped. */
export class RepartitionFilterOperator extends ForwardingOperator {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key != null) this.output.process(key, value, timestamp, headers)
  }
}
