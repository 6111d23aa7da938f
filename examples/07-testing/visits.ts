import {
  defineTopology,
  type KeyValueStore,
  keyValueStore,
  long,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  string,
} from 'millrace'

export const texts = { key: string(), value: string() }
export const counts = { key: string(), value: long() }
export const visitStore = keyValueStore({ name: 'visits', ...counts })

/** Counts the visits of each user and sends the new count on. */
export class VisitCounter implements Processor<string, string, string, number> {
  #context!: ProcessorContext<string, number>
  #visits!: KeyValueStore<string, number>

  init(context: ProcessorContext<string, number>): void {
    this.#context = context
    this.#visits = context.getStateStore('visits')
  }

  process({ key, timestamp, headers }: StreamRecord<string, string>): void {
    const value = (this.#visits.get(key) ?? 0) + 1
    this.#visits.put(key, value)
    this.#context.forward({ key, value, timestamp, headers })
  }
}

const counter: ProcessorSupplier<string, string, string, number> = {
  create: () => new VisitCounter(),
  stores: [visitStore],
}

export const visits = defineTopology('visits', (builder) => {
  builder
    .stream('pages', { name: 'pages', ...texts })
    .process(counter, { name: 'counter' })
    .to('visits', { name: 'to-visits', ...counts })
})
