import { TaskMetrics } from '../operators/task-metrics.ts'
import { DropCounts } from './drop-counts.ts'

/** Counts of one task since it was opened; plain numbers, folded into metrics per batch. */
export interface TaskCounters {
  processed: number
  /** Records that left no trace downstream: refused, late, skipped by a handler. */
  dropped: number
  deadLetters: number
  punctuated: number
  produced: number
  changelogged: number
  readonly drops: DropCounts
  /** Metrics that its processors report. */
  readonly metrics: TaskMetrics
}

export function newCounters(): TaskCounters {
  return {
    processed: 0,
    dropped: 0,
    deadLetters: 0,
    punctuated: 0,
    produced: 0,
    changelogged: 0,
    drops: new DropCounts(),
    metrics: new TaskMetrics(),
  }
}

/** Adds the counts of one to another, in place. */
export function addCounters(sum: TaskCounters, more: TaskCounters): void {
  sum.processed += more.processed
  sum.dropped += more.dropped
  sum.deadLetters += more.deadLetters
  sum.punctuated += more.punctuated
  sum.produced += more.produced
  sum.changelogged += more.changelogged
  sum.drops.addAll(more.drops)
  sum.metrics.addCounters(more.metrics)
}
