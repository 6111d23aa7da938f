/** What the live tail answers to `GET /streams/status`. */
export interface FleetReport {
  /** When the workers were asked, in milliseconds since 1970. */
  readonly atMs: number
  readonly workers: readonly WorkerReport[]
  /** Names of workers that cannot be looked up. */
  readonly faults: readonly { readonly name: string; readonly reason: string }[]
  /** Workers above the limit. */
  readonly leftOut: number
  /** A tap needs a reason, which is recorded. */
  readonly tapNeedsReason: boolean
}

/** What a worker does, or why that is not known. */
export interface WorkerReport {
  /** `host:port`. */
  readonly worker: string
  readonly status?: WorkerStatus
  readonly reason?: string
}

/** The parts of the status of an application that are shown. */
export interface WorkerStatus {
  readonly applicationId: string
  readonly state: string
  readonly isPaused: boolean
  readonly failure?: string
  readonly threads: readonly ThreadReport[]
  readonly tasks: readonly TaskReport[]
  readonly totals: { readonly deadLetters: number; readonly droppedByReason: Readonly<Record<string, number>> }
}

export interface ThreadReport {
  readonly name: string
  readonly state: string
  readonly phase: string
  readonly restoring: readonly {
    readonly taskId: string
    readonly store: string
    readonly restored: number
    readonly remaining: number
  }[]
}

export interface TaskReport {
  readonly taskId: string
  readonly thread: string
  readonly state: string
  readonly partitions: readonly {
    readonly topic: string
    readonly partition: number
    readonly position?: number
    readonly endOffset?: number
    readonly lagRecords?: number
    readonly lagSeconds?: number
  }[]
  readonly processed: number
  readonly produced: number
  readonly stores?: readonly { readonly store: string; readonly rows: number }[]
  readonly trouble?: { readonly code: string; readonly forMs: number }
  readonly sinks: readonly { readonly sink: string; readonly state: string; readonly lastErrorCode?: string }[]
}
