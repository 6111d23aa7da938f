/** What goes wrong at one call. `lost`: the call is done, and only its answer fails. */
export interface PlannedFault {
  readonly operation: string
  /** Which call of the operation, from 1. */
  readonly call: number
  readonly error: unknown
  readonly lost?: boolean
}

/** Counts calls by operation, and lets chosen ones fail, each once. */
export class FaultPlan {
  readonly calls = new Map<string, number>()
  /** The faults that have happened. */
  readonly met: PlannedFault[] = []
  readonly #faults: readonly PlannedFault[]
  #isOver = false

  constructor(faults: readonly PlannedFault[] = []) {
    this.#faults = faults
  }

  /** From now on every call is made, and none is counted. */
  end(): void {
    this.#isOver = true
  }

  /** Makes the call, or throws what is planned for it. */
  run<T>(operation: string, call: () => T): T {
    const fault = this.next(operation)
    if (fault === undefined) return call()
    if (fault.lost) call()
    throw fault.error
  }

  /** As `run`, of what returns a promise. */
  async runLater<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const fault = this.next(operation)
    if (fault === undefined) return call()
    if (fault.lost) await call()
    throw fault.error
  }

  /** Counts the call and returns what is planned for it. */
  next(operation: string): PlannedFault | undefined {
    if (this.#isOver) return undefined
    const number = (this.calls.get(operation) ?? 0) + 1
    this.calls.set(operation, number)
    const fault = this.#faults.find((each) => each.operation === operation && each.call === number)
    if (fault !== undefined) this.met.push(fault)
    return fault
  }
}
