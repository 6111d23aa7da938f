import { Worker } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { type ErrorCode, MillraceError } from '../../core/errors.ts'
import { within } from '../../core/within.ts'
import type { TrainingJob, TrainingOutcome, TrainingResult } from './training-job.ts'

/** The codes that a training itself may end with. */
const ownCodes: readonly ErrorCode[] = ['TRAINING_DATA', 'INVALID_SETTINGS']

/**
 * Trains a model in a thread of its own, so that the event loop stays free, and returns it as bytes for `fromBytes`. The
 * rows are copied to the thread. A thread that has not ended after `timeoutMs` is ended.
 * Rejects with TRAINING_TIMEOUT, TRAINING_FAILED where the thread died, TRAINING_DATA and INVALID_SETTINGS.
 * For an autoencoder: `watch.use(Autoencoder.fromBytes(await trainInThread(job, 60_000)))`.
 */
export async function trainInThread(job: TrainingJob, timeoutMs: number): Promise<Uint8Array> {
  return (await trainedInThread(job, timeoutMs)).bytes
}

/** The same with what the model showed in its training. */
export async function trainedInThread(job: TrainingJob, timeoutMs: number): Promise<TrainingOutcome> {
  const worker = new Worker(threadEntry(), { workerData: job, execArgv: [] })
  try {
    const result = await within(systemClock, resultOf(worker, job.kind), timeoutMs, () => {
      const sentence = `training of the model '${job.kind}' has not ended after ${timeoutMs} ms: give fewer rows or epochs, or more time`
      return new MillraceError('TRAINING_TIMEOUT', 'retriable', sentence, { details: { kind: job.kind } })
    })
    if ('bytes' in result) return result
    const code = ownCodes.find((known) => known === result.code)
    throw code === undefined
      ? failed(job.kind, result.message, undefined)
      : new MillraceError(code, 'fatal', result.message, { details: { kind: job.kind } })
  } finally {
    await worker.terminate()
  }
}

function resultOf(worker: Worker, kind: string): Promise<TrainingResult> {
  return new Promise((resolve, reject) => {
    worker.once('message', (result: TrainingResult) => resolve(result))
    worker.once('error', (error) => reject(failed(kind, error.message, error)))
    worker.once('exit', (exitCode) => reject(failed(kind, `exit code ${exitCode}`, undefined)))
  })
}

function failed(kind: string, what: string, cause: unknown): MillraceError {
  const sentence = `training of the model '${kind}' has failed (${what}): give fewer rows where memory was short`
  return new MillraceError('TRAINING_FAILED', 'retriable', sentence, { cause, details: { kind } })
}

/** Sources run where Node reads TypeScript by itself. */
function threadEntry(): URL {
  const extension = import.meta.url.endsWith('.js') ? 'js' : 'ts'
  return new URL(`./training-thread.${extension}`, import.meta.url)
}
