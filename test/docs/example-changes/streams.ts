import { before, created, type ExampleChanges } from './edit.ts'

/** Rows about streams and stores. */
export const streamsChanges: ExampleChanges = {
  'an operator': [
    before(
      'src/topology/operator-spec.ts',
      "  | { readonly kind: 'peek'",
      "  | { readonly kind: 'sample'; readonly every: number }\n",
    ),
    created(
      'src/operators/sample.ts',
      `import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { SpecOf } from './spec-of.ts'

export class SampleOperator extends ForwardingOperator {
  readonly #every: number
  #seen = 0

  constructor(spec: SpecOf<'sample'>) {
    super()
    this.#every = spec.every
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (this.#seen++ % this.#every === 0) this.output.process(key, value, timestamp, headers)
  }
}
`,
    ),
    before(
      'src/operators/create-operator.ts',
      'import { SelectKeyOperator',
      "import { SampleOperator } from './sample.ts'\n",
    ),
    before('src/operators/create-operator.ts', '  peek: (spec)', '  sample: (spec) => new SampleOperator(spec),\n'),
    before(
      'src/dsl/handles/k-stream.ts',
      '  peek(action: Action<K, V>',
      '  sample(every: number, options?: NameOption): KStream<K, V, HasKey, HasValue>\n',
    ),
    before(
      'src/dsl/stream-handle.ts',
      '  peek(action: AnyFunction',
      `  sample(every: number, options?: NameOption): unknown {
    return this.#append('KSTREAM-SAMPLE-', { kind: 'sample', every }, 'keeps', options)
  }

`,
    ),
  ],
  'an option of an operator': [
    before(
      'src/dsl/deduplicate.ts',
      '  /** Name of the window store of ids. */',
      '  readonly sightsMax?: number | undefined\n',
    ),
    {
      file: 'src/dsl/deduplicate.ts',
      find: 'reason, lateRecords }',
      put: 'reason, lateRecords, sightsMax: options.sightsMax }',
    },
    { file: 'src/dsl/check-options.ts', find: "'sizeMs', ", put: "'sightsMax', 'sizeMs', " },
    before(
      'src/topology/operator-spec.ts',
      "      readonly lateRecords: 'pass'",
      '      readonly sightsMax: number | undefined\n',
    ),
    before('src/operators/deduplicate.ts', '  #seen!: SeenStore', '  sights = 0\n'),
  ],
  "an option of an operator's store": [
    before('src/dsl/materialized.ts', '  readonly versionedHistoryMs?', '  readonly rowsMax?: number | undefined\n'),
    before('src/dsl/materialized.ts', "  'versionedHistoryMs',", "  'rowsMax',\n"),
    { file: 'src/dsl/check-options.ts', find: "'sizeMs', ", put: "'rowsMax', 'sizeMs', " },
  ],
  'a kind of windows': [
    before(
      'src/dsl/window-definitions.ts',
      'export function customWindows(',
      `export function weekWindows(options: Grace): CustomWindows {
  const sizeMs = 7 * 86_400_000
  const startOf = (timestamp: number) => timestamp - (timestamp % sizeMs)
  const windowsFor = (timestamp: number) => [{ startMs: startOf(timestamp), endMs: startOf(timestamp) + sizeMs }]
  return customWindows({ windowsFor, sizeMs, ...options })
}

`,
    ),
    { file: 'src/index.ts', find: '  customWindows,\n', put: '  customWindows,\n  weekWindows,\n' },
  ],
  'a kind of stores': [
    before(
      'src/stores/store-spec.ts',
      '/** A store that the user brings. */',
      `export interface LatestStoreSpec extends StoreSpecBase {
  readonly kind: 'latest'
  readonly entriesMax: number
}

`,
    ),
    before('src/stores/store-spec.ts', '  | CustomStoreSpec', '  | LatestStoreSpec\n'),
    before(
      'src/stores/assemble-store.ts',
      "    case 'custom':\n",
      `    case 'latest':
      return assembleKeyValue({ ...spec, kind: 'lru', timestamped: false }, base)
`,
    ),
    before('src/stores/store-layout.ts', '    default:', "    case 'latest':\n      return 'lru'\n"),
    before('src/topology/internal-topics.ts', '    default:', "    case 'latest':\n      return 'compact'\n"),
    created(
      'src/testing/store-models/latest-model.ts',
      `import type { Command, StoreModel } from './store-model.ts'

export class LatestModel implements StoreModel {
  run(_stores: unknown, _context: unknown, _command: Command): void {}
  check(): void {}
  commit(): void {}
  discard(): void {}
}
`,
    ),
  ],
  'a store engine': [
    created(
      'src/stores/tree/tree-engine.ts',
      `import type { Logger } from '../../core/logger.ts'
import type { Engine, EngineMap } from '../engine.ts'

export function openTreeEngine(_directory: string, _logger: Logger): Engine {
  const none: EngineMap = { get: () => undefined, read: () => [], readOfKey: () => [], approximateCount: 0 }
  return {
    map: () => none,
    mapNames: [],
    meta: () => undefined,
    async write() {},
    async close() {},
    async wipe() {},
  }
}
`,
    ),
    before(
      'src/app.ts',
      'import { openLmdbTaskStores }',
      "import { openTreeEngine } from './stores/tree/tree-engine.ts'\n",
    ),
    { file: 'src/app.ts', find: "readonly storeEngine?: 'lmdb'", put: "readonly storeEngine?: 'tree' | 'lmdb'" },
    before(
      'src/app.ts',
      "  if (engine === 'memory')",
      "  if (engine === 'tree') return (options) => createTaskStores({ ...options, openEngine: openTreeEngine })\n",
    ),
  ],
  'a sink': [
    created(
      'src/sinks/console/console-sink.ts',
      `import type { BatchTarget, SinkBatch } from '../batch-target.ts'
import { batchingSinkFactory } from '../batching-sink-factory.ts'
import type { SinkFactory, SinkRecord } from '../port.ts'
import type { CommonSinkOptions } from '../sink-factory.ts'
import { allWritten } from '../write-results.ts'

class ConsoleBatch implements SinkBatch {
  readonly values: unknown[] = []
  records = 0
  bytes = 0

  add({ value }: SinkRecord): boolean {
    this.values.push(value)
    this.records++
    return true
  }

  release(): void {}
}

export function consoleSink(options: CommonSinkOptions, write: (value: unknown) => void): SinkFactory {
  const target: BatchTarget<ConsoleBatch> = {
    async open() {},
    newBatch: () => new ConsoleBatch(),
    async write(batch) {
      for (const value of batch.values) write(value)
      return allWritten
    },
    async close() {},
  }
  return batchingSinkFactory(options, target)
}
`,
    ),
    before('src/sinks/index.ts', 'export { filesSink }', "export { consoleSink } from './console/console-sink.ts'\n"),
    {
      file: 'src/worker/configured-sinks.ts',
      find: 'import { elasticsearchSink,',
      put: 'import { consoleSink, elasticsearchSink,',
    },
    before(
      'src/worker/configured-sinks.ts',
      '  if (splunk.url',
      "  sinks.push(consoleSink({ name: 'console', logger }, (value) => logger.info({ value }, 'document')))\n",
    ),
    before('fleet/sinks.ts', '  elasticsearchSink,\n', '  consoleSink,\n'),
    before(
      'fleet/sinks.ts',
      '  if (splunk.url',
      "  sinks.push(consoleSink({ name: 'console', logger }, (value) => logger.info({ value }, 'document')))\n",
    ),
  ],
}
