import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { Predicate } from '../topology/operator-spec.ts'
import type { Operator, OperatorContext, Receiver } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

interface Branch {
  readonly predicate: Predicate | undefined
  readonly output: Receiver
}

/**
 * The branch operator forwards each record to the first branch whose predicate holds. A branch without predicate is the
 * default and takes all that reach it; a record that no branch takes ends here, and does not count as dropped. It is
 * stateless, and predicates see null keys and values. Equals Java's KStreamBranch.
 */
export class BranchOperator implements Operator {
  readonly #spec: SpecOf<'branch'>
  #branches: readonly Branch[] = []

  constructor(spec: SpecOf<'branch'>) {
    this.#spec = spec
  }

  open(context: OperatorContext): void {
    this.#branches = this.#spec.branches.map(({ predicate, child }) => ({ predicate, output: context.child(child) }))
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const branches = this.#branches
    for (let index = 0; index < branches.length; index++) {
      const branch = branches[index] as Branch
      if (branch.predicate !== undefined) {
        const result: unknown = branch.predicate(key, value)
        if (typeof result === 'object') synchronous(result)
        if (!result) continue
      }
      branch.output.process(key, value, timestamp, headers)
      return
    }
  }

  close(): void {}
}
