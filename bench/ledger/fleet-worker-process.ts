import { join } from 'node:path'
import type { WorkerKind } from '../../fleet/kinds.ts'
import { WorkerProcess, type WorkerProcessOptions } from '../worker-process.ts'

/** A module of `workers/`. */
export type FleetWorker = WorkerKind | 'alerts'

/** A worker of the fleet. */
export class FleetWorkerProcess extends WorkerProcess {
  readonly kind: FleetWorker

  constructor(kind: FleetWorker, options: Pick<WorkerProcessOptions, 'name' | 'environment' | 'folder'>) {
    super({ ...options, built: join(import.meta.dirname, '../..'), module: `workers/${kind}` })
    this.kind = kind
  }
}
