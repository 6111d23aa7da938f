import {
  type FixedKeyProcessor,
  type FixedKeyProcessorContext,
  type KStream,
  type StreamRecord,
  string,
} from '../src/index.ts'
import { logClassHeader } from '../src/live-tail/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

/** Writes documents to a topic, for those who look: what they may see depends on what kind of log it is. */
export function liveTail(
  documents: KStream<string, EnrichedLog, boolean, boolean>,
  topic: string,
  logClass: string,
): void {
  documents
    .processValues({ create: () => new LiveTailDocuments(logClass) }, { name: 'live-tail' })
    .to(topic, { name: 'to-live-tail', key: string(), value: string() })
}

class LiveTailDocuments implements FixedKeyProcessor<string, EnrichedLog, string> {
  readonly #header: StreamRecord<string, EnrichedLog>['headers'][number]
  #context!: FixedKeyProcessorContext<string, string>

  constructor(logClass: string) {
    this.#header = { key: logClassHeader, value: Buffer.from(logClass) }
  }

  init(context: FixedKeyProcessorContext<string, string>): void {
    this.#context = context
  }

  process(record: StreamRecord<string, EnrichedLog>): void {
    // The first of a name counts: whoever sent the log does not choose who sees it.
    const headers = [this.#header, ...record.headers]
    this.#context.forward({ ...record, value: record.value.toText(), headers })
  }
}
