import { MillraceError } from '../../core/errors.ts'
import type { TaskCommit } from '../../operators/task-time.ts'
import type { CommitMetadata } from './commit-metadata.ts'

/** What the operators of a task keep with its commits, and whether they ask for one. */
export class CommitState implements TaskCommit {
  readonly emitPending: () => void
  readonly #values = new Map<string, number>()
  #isRequested = false

  constructor(emitPending: () => void) {
    this.emitPending = emitPending
  }

  get isRequested(): boolean {
    return this.#isRequested
  }

  /** By key; written with the offsets. */
  get values(): ReadonlyMap<string, number> {
    return this.#values
  }

  request(): void {
    this.#isRequested = true
  }

  committed(): void {
    this.#isRequested = false
  }

  /** Takes over what the last owner left at one input. */
  recall({ operatorState }: CommitMetadata): void {
    for (const [key, value] of operatorState) {
      // As in Java: inputs that were committed at different times know different things, and the latest counts.
      this.#values.set(key, Math.max(value, this.#values.get(key) ?? value))
    }
  }

  restoredState(key: string): number | undefined {
    return this.#values.get(key)
  }

  keepState(key: string, value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new MillraceError('COMMIT_STATE', 'fatal', `committed state ${key} is ${value}: it must be an integer`)
    }
    this.#values.set(key, value)
  }
}
