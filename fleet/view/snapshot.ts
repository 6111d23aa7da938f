import type { Alert } from '../../schemas/alert.ts'

export interface WorkerSnapshot {
  readonly name: string
  readonly state: string
  /** Records processed since the start, those of repartition topics included. */
  readonly processed: number
  readonly lagRecords: number
  readonly lagSeconds: number
}

/** What the fleet shows of itself at one moment; counts run from the start. */
export interface FleetSnapshot {
  readonly elapsedMs: number
  readonly workers: readonly WorkerSnapshot[]
  readonly duplicatesDropped: number
  readonly deadLetters: number
  readonly windowsClosed: number
  readonly documentsWritten: number
  readonly alerts: number
  /** Newest last. */
  readonly recentAlerts: readonly Alert[]
}
