// The entry of the thread that `trainInThread` starts: it trains one model and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { errorCode, errorMessage } from '../../core/errors.ts'
import { type TrainingJob, type TrainingResult, trained } from './training-job.ts'

parentPort?.postMessage(resultOf(workerData as TrainingJob))

function resultOf(job: TrainingJob): TrainingResult {
  try {
    return trained(job)
  } catch (error) {
    return { code: errorCode(error), message: errorMessage(error) }
  }
}
