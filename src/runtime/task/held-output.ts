import type { Clock } from '../../core/clock.ts'
import { errorCode } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import { isAsyncOperator, isHoldingOperator, isReleasingOperator } from '../../operators/operator.ts'
import type { AsyncOperator, HoldingOperator, Operator, ReleasingOperator } from '../../operators/operator.ts'
import { letGo } from '../../stores/record-context.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { Origin, RecordContext } from '../../stores/record-context.ts'
import type { ChangeWatch } from './change-watch.ts'
import type { CompiledGraph } from './compile.ts'
import { isBeyondRecord } from '../errors/record-failures.ts'
import type { RecordErrors } from './record-errors.ts'

interface HeldOutputParts {
  readonly graph: CompiledGraph
  readonly stores: TaskStores
  readonly storeNames: readonly string[]
  readonly errors: RecordErrors
  readonly recordContext: RecordContext
  readonly clock: Clock
}

interface NamedOperator<Kind extends Operator> {
  readonly operator: Kind
  readonly node: { readonly name: string }
}

/**
 * What a task forwards apart from the current record: results of asynchronous calls, held records of processors, record
 * caches, and what processors release after a commit.
 */
export class HeldOutput {
  readonly asyncOperators: readonly AsyncOperator[]
  readonly #parts: HeldOutputParts
  readonly #watch: ChangeWatch
  readonly #leaveRecord: () => void
  readonly #holding: readonly NamedOperator<HoldingOperator>[]
  readonly #releasing: readonly NamedOperator<ReleasingOperator>[]

  /** `leaveRecord`: what failed is not of the record that the task is at. */
  constructor(parts: HeldOutputParts, watch: ChangeWatch, leaveRecord: () => void) {
    this.#parts = parts
    this.#watch = watch
    this.#leaveRecord = leaveRecord
    const { operators } = parts.graph
    this.asyncOperators = operators.map(({ operator }) => operator).filter(isAsyncOperator)
    this.#holding = operators.flatMap(({ operator, node }) => (isHoldingOperator(operator) ? [{ operator, node }] : []))
    this.#releasing = operators.flatMap(({ operator, node }) =>
      isReleasingOperator(operator) ? [{ operator, node }] : [],
    )
  }

  /** Some processor releases something after commits. */
  get releases(): boolean {
    return this.#releasing.length > 0
  }

  /** Sends on the outcomes that are there. */
  pump(): void {
    for (const operator of this.asyncOperators) {
      this.#watch.changing(() => {
        try {
          operator.pump()
        } catch (error) {
          this.#failed(operator, error)
        }
      })
    }
  }

  /** Processors and record caches forward what they hold; what that puts into downstream caches is forwarded too. */
  emitPending(): void {
    const { stores, storeNames } = this.#parts
    this.#watch.changing(() => {
      this.#emitHeld()
      for (let depth = 0; depth < storeNames.length; depth++) {
        stores.emitPending()
        this.#emitHeld()
      }
    })
  }

  /** Processors forward what the commit has made durable. */
  release(): void {
    const what = { held: 'after commit', scope: 'moment' } as const
    this.#watch.changing(() => {
      for (const { operator, node } of this.#releasing) this.#letGo(node.name, what, () => operator.afterCommit())
    })
  }

  #emitHeld(): void {
    const what = { held: 'before commit', scope: 'record' } as const
    for (const { operator, node } of this.#holding) this.#letGo(node.name, what, () => operator.beforeCommit())
  }

  #letGo(holder: string, what: Pick<Origin, 'held' | 'scope'>, run: () => void): void {
    const { recordContext, errors } = this.#parts
    recordContext.headers = noHeaders
    const origin = { holder, ...what, isOfNoRecord: true }
    try {
      letGo(recordContext, origin, run)
    } catch (error) {
      this.#leaveRecord()
      const { timestamp } = recordContext
      letGo(recordContext, origin, () =>
        errors.processing(error, holder, { key: null, value: null, timestamp, headers: noHeaders }),
      )
    }
  }

  /** Waits for an operator's outcomes; one that fails goes to its handler, and the others continue. */
  async drain(operator: AsyncOperator, timeoutMs: number): Promise<void> {
    const { clock } = this.#parts
    const deadlineMs = clock.monotonicMs() + timeoutMs
    while (operator.pending() > 0) {
      this.#watch.begin()
      try {
        await operator.drain(Math.max(1, deadlineMs - clock.monotonicMs()))
      } catch (error) {
        if (!isBeyondRecord(error)) this.#failed(operator, error)
        else {
          // One that is merely not done has changed nothing.
          if (errorCode(error) !== 'ASYNC_NOT_DRAINED') this.#watch.failed()
          throw error
        }
      } finally {
        this.#watch.end()
      }
    }
  }

  #failed(operator: AsyncOperator, error: unknown): void {
    const { graph, recordContext, errors } = this.#parts
    const node = graph.operators.find((candidate) => candidate.operator === operator)?.node
    const { timestamp, headers } = recordContext
    errors.processing(error, node?.name ?? '', { key: null, value: null, timestamp, headers })
  }
}
