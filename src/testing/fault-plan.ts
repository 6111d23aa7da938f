/** What goes wrong at one call. `lost`: the call is done, and only its answer fails. */
export interface PlannedFault {
  readonly operation: string
  /** Which call of the operation, from 1. */
  readonly call: number
  readonly error: unknown
  readonly lost?: boolean
}

/** What goes wrong at the n-th call of anything that comes after a planned fault. */
export interface FollowingFault {
  /** From 1. */
  readonly distance: number
  readonly error: (operation: string) => unknown
}

/** Counts calls by operation, and lets chosen ones fail, each once. */
export class FaultPlan {
  readonly calls = new Map<string, number>()
  /** The faults that have happened. */
  readonly met: PlannedFault[] = []
  readonly #faults: readonly PlannedFault[]
  readonly #following: FollowingFault | undefined
  /** Calls since the first fault; undefined before it. */
  #callsSince: number | undefined
  #isOver = false

  constructor(faults: readonly PlannedFault[] = [], following?: FollowingFault) {
    this.#faults = faults
    this.#following = following
  }

  /** From now on every call is made, and none is counted. */
  end(): void {
    this.#isOver = true
  }

  /** What whoever watches does for himself: its calls are made, and not counted. */
  aside<T>(look: () => T): T {
    const wasOver = this.#isOver
    this.#isOver = true
    try {
      return look()
    } finally {
      this.#isOver = wasOver
    }
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
    const call = (this.calls.get(operation) ?? 0) + 1
    this.calls.set(operation, call)
    const fault =
      this.#faults.find((each) => each.operation === operation && each.call === call) ??
      this.#followingAt(operation, call)
    if (fault === undefined) return undefined
    this.met.push(fault)
    this.#callsSince ??= 0
    return fault
  }

  #followingAt(operation: string, call: number): PlannedFault | undefined {
    if (this.#following === undefined || this.#callsSince === undefined) return undefined
    if (++this.#callsSince !== this.#following.distance) return undefined
    return { operation, call, error: this.#following.error(operation) }
  }
}
