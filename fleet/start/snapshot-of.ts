import type { ApplicationStatus, Streams } from '../../src/index.ts'
import type { FleetSnapshot, WorkerSnapshot } from '../view/snapshot.ts'
import type { Told } from './tail.ts'

export function snapshotOf(
  workers: ReadonlyMap<string, Streams>,
  told: Told,
  documentsWritten: number,
  elapsedMs: number,
): FleetSnapshot {
  const statuses = [...workers].map(([kind, { application }]) => [kind, application.status()] as const)
  return {
    elapsedMs,
    workers: statuses.map(([kind, status]) => workerOf(kind, status)),
    duplicatesDropped: statuses.reduce((sum, [, { totals }]) => sum + (totals.droppedByReason.duplicate ?? 0), 0),
    documentsWritten,
    ...told,
  }
}

function workerOf(name: string, status: ApplicationStatus): WorkerSnapshot {
  const partitions = status.tasks.flatMap((task) => task.partitions)
  return {
    name,
    state: status.state,
    processed: status.totals.processed,
    lagRecords: partitions.reduce((sum, partition) => sum + (partition.lagRecords ?? 0), 0),
    lagSeconds: partitions.reduce((worst, partition) => Math.max(worst, partition.lagSeconds ?? 0), 0),
  }
}
