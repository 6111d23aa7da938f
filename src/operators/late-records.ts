import type { Headers } from '../core/headers.ts'
import type { OperatorContext, Receiver } from './operator.ts'

/** What becomes of a record when windows that it belongs to are closed. */
export interface LateRecords {
  /** `isTaken`: another window took the record. */
  refused(
    closedCount: number,
    isTaken: boolean,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: Headers,
  ): void
}

/** `child`: where records go that no window takes; undefined: they are dropped and counted, once per closed window. */
export function lateRecords(context: OperatorContext, child: string | undefined): LateRecords {
  return child === undefined ? new DroppedRecords(context) : new LateStream(context, context.child(child))
}

class DroppedRecords implements LateRecords {
  readonly #context: OperatorContext

  constructor(context: OperatorContext) {
    this.#context = context
  }

  refused(closedCount: number): void {
    for (let count = 0; count < closedCount; count++) this.#context.dropped('expired window')
  }
}

/** A forwarded record is not a drop; one that some window took stays counted for each that did not. */
class LateStream implements LateRecords {
  readonly #context: OperatorContext
  readonly #child: Receiver

  constructor(context: OperatorContext, child: Receiver) {
    this.#context = context
    this.#child = child
  }

  refused(
    closedCount: number,
    isTaken: boolean,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: Headers,
  ): void {
    if (!isTaken) this.#child.process(key, value, timestamp, headers)
    else for (let count = 0; count < closedCount; count++) this.#context.dropped('expired window')
  }
}
