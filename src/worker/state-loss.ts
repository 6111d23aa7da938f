import { type KafkaConnection, openKafka } from '../app.ts'
import { MillraceError } from '../core/errors.ts'
import { partsOfCluster, stateDifferences } from './cluster-state.ts'
import type { PreparedWorker } from './prepare-worker.ts'
import { losesState, type StateDifference } from './state-parts.ts'

/**
 * Called before a worker starts: compares its topology with what the cluster keeps for the application, and changes
 * nothing. Rejects with STATE_LOSS when rows of a store, or unread records of a repartition topic, would be left behind.
 * `state.allowLoss` (ALLOW_STATE_LOSS) makes it a warning.
 */
export async function refuseStateLoss(worker: PreparedWorker, kafka: KafkaConnection): Promise<void> {
  const driver = openKafka(kafka, worker.logger)
  try {
    const former = await partsOfCluster(driver.admin(), worker.applicationId)
    const lost = stateDifferences(worker, former).filter(losesState)
    if (lost.length === 0) return
    const differences = lost.map(lossText)
    if (worker.settings.state.allowLoss) {
      worker.logger.warn({ differences }, 'state is lost, as ALLOW_STATE_LOSS allows')
      return
    }
    const text = `worker ${worker.name} does not start, because state would be lost: ${differences.join('; ')}; or accept it with ALLOW_STATE_LOSS=true and delete the old topics afterwards (millrace topics apply --delete)`
    throw new MillraceError('STATE_LOSS', 'fatal', text, { details: { topics: lost.map(({ topic }) => topic) } })
  } finally {
    await driver.close()
  }
}

function lossText({ topic, records, reason }: StateDifference): string {
  const count = records === undefined ? 'an unknown number of' : String(records)
  return `topic ${topic} keeps ${count} records; ${reason}`
}
