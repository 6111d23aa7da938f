import type { TaskStores } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'

/** A store and the plain truth about it. Each method runs one command on both and asserts that they agree. */
export interface StoreModel {
  /** Runs the command with this number; a model knows how many there are. */
  run(stores: TaskStores, context: RecordContext, command: Command): void
  /** Asserts that all rows agree. */
  check(stores: TaskStores): void
  commit(): void
  discard(): void
}

/** Digits of a number, taken from the low end. */
export class Command {
  #rest: number

  constructor(number: number) {
    this.#rest = number
  }

  /** 0 to bound - 1. */
  pick(bound: number): number {
    const digit = this.#rest % bound
    this.#rest = Math.floor(this.#rest / bound)
    return digit
  }
}

/** Keys of several lengths, some of which begin like others, one empty. */
export const suiteKeys = ['', 'a', 'ab', 'abc', 'b', 'ba', 'é', '\u0000', 'a\u0000', 'zz']
