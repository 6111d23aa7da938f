import type { Execution } from '../../schemas/execution.ts'
import type { AlertChange } from '../../src/alerts/index.ts'
import {
  bytes,
  defineTopology,
  json,
  type Logger,
  type Processor,
  type ProcessorContext,
  type StreamRecord,
  string,
  type TopologyDefinition,
} from '../../src/index.ts'
import type { Redactor } from '../../src/pipelines/index.ts'
import { EventReader } from './event-reader.ts'
import { type ExecutionEvent, executionKey } from './execution-event.ts'
import type { ExecutionSettings } from './execution-settings.ts'
import { foldProcessor } from './fold-processor.ts'
import { judgeProcessor } from './judge-processor.ts'
import { type Outcome, outcomeKey, outcomeOf } from './outcome.ts'

export interface ExecutionTopologyOptions {
  readonly settings: ExecutionSettings
  /** Of the data in stages. */
  readonly redactor: Redactor
  readonly topics: {
    /** What is read: events as JSON, in any partition. */
    readonly events: string
    /** Each execution when it has changed, by key of the execution. */
    readonly executions: string
    /** Changes of alerts, for the worker that owns them. */
    readonly alertChanges: string
  }
  readonly logger: Logger
}

/** Numbers in data beyond 2^53 are rounded. */
const jsonOf = <T>() => json<T>({ bigIntegers: 'round' })

/**
 * Folds events of executions into executions, and makes alerts of them.
 *
 * ```
 * events -> read, redact -> by execution: fold -> topic of executions
 *                                          \-> by organization: judge -> topic of changes of alerts
 * ```
 */
export function executionTopology(options: ExecutionTopologyOptions): TopologyDefinition {
  const { settings, redactor, topics, logger } = options
  return defineTopology('executions', (builder) => {
    const executions = builder
      .stream(topics.events, { name: 'execution-events', key: bytes(), value: string() })
      .process<string, ExecutionEvent>(
        { create: () => new ReadProcessor(redactor, settings.dataBytesMax) },
        { name: 'read-execution-events' },
      )
      .repartition({ name: 'execution-events', key: string(), value: jsonOf<ExecutionEvent>() })
      .process<string, Execution>(foldProcessor({ ...settings, logger }), { name: 'fold-executions' })
    executions.to(topics.executions, { name: 'to-executions', key: string(), value: jsonOf<Execution>() })
    executions
      .flatMap<string, Outcome>(
        (key, execution) => {
          const outcome = outcomeOf(key, execution)
          return outcome === undefined ? [] : [[outcomeKey(outcome), outcome]]
        },
        { name: 'execution-outcomes' },
      )
      .repartition({ name: 'execution-outcomes', key: string(), value: jsonOf<Outcome>() })
      .process<string, AlertChange>(judgeProcessor(settings), { name: 'judge-executions' })
      .to(topics.alertChanges, { name: 'to-execution-alerts', key: string(), value: jsonOf<AlertChange>() })
  })
}

/** Reads events. A time of Kafka that is to come would end all executions: it counts as now. */
class ReadProcessor implements Processor<Uint8Array, string, string, ExecutionEvent> {
  readonly #reader: EventReader
  #context!: ProcessorContext<string, ExecutionEvent>

  constructor(redactor: Redactor, dataBytesMax: number) {
    const onCut = (): void => this.#context.metrics.counter('execution_data:cut').increment()
    const onAhead = (): void => this.#context.metrics.counter('execution_times:ahead').increment()
    this.#reader = new EventReader({ redactor, dataBytesMax, onCut, onAhead })
  }

  init(context: ProcessorContext<string, ExecutionEvent>): void {
    this.#context = context
    // Known from the start: Prometheus sees no increase in a series that begins.
    for (const name of ['execution_data:cut', 'execution_times:ahead']) context.metrics.counter(name)
  }

  process({ value, timestamp: writtenMs }: StreamRecord<Uint8Array, string>): void {
    const timestamp = Math.min(writtenMs, this.#context.currentSystemTimeMs())
    const event = this.#reader.read(value, timestamp)
    this.#context.forward({ key: executionKey(event), value: event, timestamp })
  }
}
