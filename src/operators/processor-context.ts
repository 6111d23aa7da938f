import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import { ignoreRejection, type NoPromise } from '../core/no-promise.ts'
import { shown } from '../core/shown.ts'
import { isTimestamp } from '../core/timestamps.ts'
import type { StateStore } from '../stores/port.ts'
import type { ProcessorMetrics } from '../topology/processor-metrics.ts'
import type {
  ForwardedRecord,
  ProcessorContext,
  Punctuation,
  PunctuationOptions,
  RecordMetadata,
} from '../topology/processor-api.ts'
import type { OperatorContext } from './operator.ts'

/**
 * The context that a user's processor is given in `init`, as `ProcessorContext` describes it. After a forward the
 * record context is as it was before, so that a processor may write to a store after it forwards.
 */
export class NodeProcessorContext implements ProcessorContext<unknown, unknown> {
  readonly applicationId: string
  readonly taskId: string
  readonly #context: OperatorContext

  constructor(context: OperatorContext) {
    this.applicationId = context.applicationId
    this.taskId = context.taskId
    this.#context = context
  }

  get metrics(): ProcessorMetrics {
    return this.#context.metrics
  }

  get appConfigs(): Readonly<Record<string, unknown>> {
    return this.#context.appConfigs
  }

  get stateDirectory(): string | undefined {
    return this.#context.stateDirectory
  }

  forward(record: ForwardedRecord<unknown, unknown>, child?: string): void {
    const { recordContext, nodeName } = this.#context
    const { key, value, timestamp, headers = noHeaders } = record
    if (!isTimestamp(timestamp)) {
      ignoreRejection(timestamp)
      throw invalidTimestamp(nodeName, timestamp)
    }
    const output = child === undefined ? this.#context.output : this.#context.child(child)
    const before = recordContext.timestamp
    const headersBefore = recordContext.headers
    output.process(key, value, timestamp, headers)
    recordContext.timestamp = before
    recordContext.headers = headersBefore
  }

  getStateStore<S extends StateStore>(name: string): S {
    return this.#context.store(name) as S
  }

  schedule(
    intervalMs: number,
    type: 'stream-time' | 'wall-clock-time',
    callback: (timestampMs: number) => NoPromise,
    options?: PunctuationOptions,
  ): Punctuation {
    return this.#context.schedule(intervalMs, type, callback, options?.startTimeMs)
  }

  commit(): void {
    this.#context.commit.request()
  }

  recordMetadata(): RecordMetadata | undefined {
    if (!this.#context.hasRecord()) return undefined
    const { topic, partition, offset } = this.#context.recordContext
    return { topic, partition, offset }
  }

  currentStreamTimeMs(): number {
    return this.#context.time.streamTimeMs()
  }

  currentSystemTimeMs(): number {
    return this.#context.time.clock.nowMs()
  }

  isCaughtUp(): boolean {
    return this.#context.time.isInputCaughtUp()
  }
}

function invalidTimestamp(nodeName: string, timestamp: unknown): MillraceError {
  return new MillraceError(
    'INVALID_TIMESTAMP',
    'record',
    `${nodeName} forwarded a record with timestamp ${shown(timestamp)}: it must be whole milliseconds from 0 to 2^53 - 1`,
    { details: { operator: nodeName } },
  )
}
