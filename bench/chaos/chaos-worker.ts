import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transactionalIdOf } from '../../src/runtime/thread/exactly-once.ts'
import { WorkerProcess } from '../worker-process.ts'
import { groupId } from './topology.ts'

/** A process of the application, whose number of threads can change with each start. */
export class ChaosWorker extends WorkerProcess {
  threads = 2

  override start(): void {
    super.start({ THREADS: String(this.threads) })
  }

  /** Of its first thread. */
  get transactionalId(): string {
    const processId = readFileSync(join(this.stateDirectory, groupId, 'process-id'), 'utf8').trim()
    return transactionalIdOf(groupId, processId, 1)
  }
}
