import type { Headers } from '../../core/headers.ts'
import type { Receiver } from '../../operators/operator.ts'
import type { RecordErrors } from './record-errors.ts'

/** The end of a branch that has no children. */
export const nullReceiver: Receiver = Object.freeze({ process: () => {} })

/** Several children, in order of connection; a child that fails and is skipped does not stop its siblings. */
class FanOut implements Receiver {
  readonly #children: readonly Receiver[]

  constructor(children: readonly Receiver[]) {
    this.#children = children
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const children = this.#children
    for (let index = 0; index < children.length; index++) {
      ;(children[index] as Receiver).process(key, value, timestamp, headers)
    }
  }
}

/** One child is linked directly. */
export function outputTo(children: readonly Receiver[]): Receiver {
  if (children.length === 0) return nullReceiver
  return children.length === 1 ? (children[0] as Receiver) : new FanOut(children)
}

/** Brings what an operator throws to the processing handler: on `continue` only this branch loses the record. */
export class Guard implements Receiver {
  readonly #operator: Receiver
  readonly #nodeName: string
  readonly #errors: RecordErrors

  constructor(operator: Receiver, nodeName: string, errors: RecordErrors) {
    this.#operator = operator
    this.#nodeName = nodeName
    this.#errors = errors
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    try {
      this.#operator.process(key, value, timestamp, headers)
    } catch (error) {
      this.#errors.processing(error, this.#nodeName, { key, value, timestamp, headers })
    }
  }
}
