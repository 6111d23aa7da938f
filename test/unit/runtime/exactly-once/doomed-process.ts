import { MillraceError } from '../../../../src/core/errors.ts'
import type { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { KafkaDriver, TransactionalProducer } from '../../../../src/kafka/port.ts'

/** The calls that are counted. */
const counted = ['initialize', 'send', 'flush', 'commit', 'abort'] as const

/**
 * A process that is gone at the n-th thing that it asks of Kafka: before the call, or after it, as when the answer never
 * comes. What it has sent stays in its open transaction.
 */
export class DoomedProcess {
  readonly driver: KafkaDriver
  calls = 0
  readonly #lastCall: number
  readonly #end: 'before' | 'after'

  constructor(cluster: MemoryCluster, lastCall: number, end: 'before' | 'after') {
    this.#lastCall = lastCall
    this.#end = end
    const driver = createMemoryDriver(cluster)
    this.driver = { ...driver, transactionalProducer: (options) => this.#doom(driver.transactionalProducer(options)) }
  }

  get isGone(): boolean {
    return this.calls >= this.#lastCall
  }

  #doom(producer: TransactionalProducer): TransactionalProducer {
    return new Proxy(producer, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...args: unknown[]) => unknown
        if (!counted.includes(name as (typeof counted)[number])) return call
        return (...args: unknown[]) => this.#live(() => call(...args))
      },
    })
  }

  #live(call: () => unknown): unknown {
    this.calls++
    if (this.calls < this.#lastCall) return call()
    if (this.calls > this.#lastCall || this.#end === 'before') return this.#die()
    const result = call()
    return result instanceof Promise ? result.then(() => this.#die()) : this.#die()
  }

  #die(): never {
    void this.driver.close()
    throw new MillraceError('DRIVER_CLOSED', 'fatal', 'the process is gone')
  }
}
