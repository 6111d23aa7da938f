import type { Gauge } from 'prom-client'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import type { TaskSinkStatus } from '../runtime/thread/thread-status.ts'
import type { DefineGauge } from './define-gauge.ts'

type Read = (set: Gauge<'sink'>, status: ApplicationStatus) => void

/** Of a sink's tasks the worst counts; what is buffered is added up. */
export function followSinks(gauge: DefineGauge): void {
  gauge(
    'millrace_sink_up',
    '1 for a sink that accepts documents, 0 for one that is delayed or paused',
    ['sink'],
    joined(Math.min, ({ state }) => (state === 'open' ? 1 : 0)),
  )
  gauge(
    'millrace_sink_oldest_document_seconds',
    'How long the oldest document has waited',
    ['sink'],
    joined(Math.max, ({ oldestDocumentMs }) => oldestDocumentMs / 1000),
  )
  gauge(
    'millrace_sink_failed_tries',
    'Requests that failed in a row',
    ['sink'],
    joined(Math.max, ({ failedTries }) => failedTries),
  )
  gauge(
    'millrace_sink_buffered_documents',
    'Documents neither written nor rejected',
    ['sink'],
    joined(sum, ({ bufferedRecords }) => bufferedRecords),
  )
  gauge(
    'millrace_sink_last_error',
    '1 for the last error of a sink that is delayed or paused',
    ['sink', 'code'],
    (set, { tasks }) => {
      for (const { sink, lastErrorCode } of tasks.flatMap(({ sinks }) => sinks)) {
        if (lastErrorCode !== undefined) set.set({ sink, code: lastErrorCode }, 1)
      }
    },
  )
}

/** One value a sink, of those of its tasks. */
function joined(join: (left: number, right: number) => number, read: (sink: TaskSinkStatus) => number): Read {
  return (set, { tasks }) => {
    const values = new Map<string, number>()
    for (const status of tasks.flatMap(({ sinks }) => sinks)) {
      const before = values.get(status.sink)
      values.set(status.sink, before === undefined ? read(status) : join(before, read(status)))
    }
    for (const [sink, value] of values) set.set({ sink }, value)
  }
}

function sum(left: number, right: number): number {
  return left + right
}
