import type { Consumer } from '../../../src/kafka/port.ts'
import { until } from '../../support/until.ts'
import type { WireClient } from '../../support/wire-client.ts'

/** All values of a topic of a real broker, as they come. */
export class TopicReader {
  readonly values: string[] = []
  readonly #consumer: Consumer

  constructor(client: WireClient, topic: string, partitions = 1) {
    this.#consumer = client.consumer()
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    this.#consumer.assign(all.map((place) => ({ ...place, offset: 'earliest' as const })))
  }

  /** Reads until the condition holds. */
  until(condition: (values: readonly string[]) => boolean, timeoutMs = 40_000): Promise<void> {
    return until(async () => {
      if (condition(this.values)) return true
      for (const batch of await this.#consumer.poll(200))
        for (let index = 0; index < batch.count; index++)
          this.values.push(Buffer.from(batch.value(index) ?? []).toString())
      return condition(this.values)
    }, timeoutMs)
  }

  close(): Promise<void> {
    return this.#consumer.close()
  }
}
