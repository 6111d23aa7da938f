import { TemplateMiner, type TemplateRow } from '../src/detection/index.ts'
import {
  type KeyValueStore,
  keyValueStore,
  type KStream,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  string,
} from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

const storeName = 'templates'

/** Tells each log the template of its message, among those of its service. */
export function templates(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
): KStream<string, EnrichedLog, boolean, boolean> {
  return logs.process(supplier, { name: 'templates' })
}

const supplier: ProcessorSupplier<string, EnrichedLog, string, EnrichedLog> = {
  create: () => new TemplateProcessor(),
  stores: [keyValueStore({ name: storeName, key: string(), value: string() })],
}

/** The miner learns in memory. What it has learned is in the store from commit to commit, as far as it changed. */
class TemplateProcessor implements Processor<string, EnrichedLog, string, EnrichedLog> {
  #context!: ProcessorContext<string, EnrichedLog>
  #store!: KeyValueStore<string, string>
  /** Undefined before the first log: only then is the store restored. */
  #miner: TemplateMiner | undefined

  init(context: ProcessorContext<string, EnrichedLog>): void {
    this.#context = context
    this.#store = context.getStateStore(storeName)
  }

  process(record: StreamRecord<string, EnrichedLog>): void {
    const { value: log } = record
    this.#miner ??= new TemplateMiner({}, rowsOf(this.#store))
    if (log.message !== '') {
      const { template, change } = this.#miner.learn(log.message, log.service)
      log.hasTemplate(template, change === 'new')
    }
    this.#context.forward(record)
  }

  beforeCommit(): void {
    const { rows, removed } = this.#miner?.takeChanges() ?? { rows: [], removed: [] }
    for (const created of removed) this.#store.delete(String(created))
    for (const row of rows) this.#store.put(String(row.created), JSON.stringify(row))
  }
}

function rowsOf(store: KeyValueStore<string, string>): readonly TemplateRow[] {
  return Array.from(store.all(), ({ value }) => JSON.parse(value) as TemplateRow)
}
