import { LogFeatures, type WindowFeatures } from '../../../detection/index.ts'
import { pipeline } from '../../../pipelines/index.ts'
import type { Cli } from '../../cli.ts'
import type { HistoryLog } from '../../alerts/replay/history-log.ts'
import { LogReading } from '../../alerts/replay/log-reading.ts'
import { readPipeline } from '../../pipeline/pipeline-file.ts'
import { redactionKey } from '../../pipeline/redaction-key.ts'
import type { PointCollector } from './point-collector.ts'

/** Logs may come so much later than others. */
const graceMs = 600_000
const usualFeatures = ['count', 'errorShare', 'p95']
/** As many windows of a gap are filled: a longer one is a gap. */
const gapWindowsMax = 60
const errorLevels: readonly unknown[] = ['error', 'critical']

/** What makes logs of lines: the pipeline that a file describes, or what reads any log. */
export async function logReading(cli: Cli, file: string | undefined): Promise<LogReading> {
  const given = file === undefined ? pipeline({ name: 'default' }) : await readPipeline(cli, file)
  return new LogReading(given, redactionKey(cli))
}

/** The features of logs, where nobody names others. */
export function logFeatures(features: readonly string[] | undefined): readonly string[] {
  return features ?? usualFeatures
}

/** Counts features of logs in windows. `service`: of which logs; undefined: of all together. */
export async function logPoints(
  logs: AsyncIterable<HistoryLog>,
  { service, windowMs }: { readonly service: string | undefined; readonly windowMs: number },
  collector: PointCollector,
): Promise<void> {
  const features = new LogFeatures({ windowMs })
  let nextMs: number | undefined
  const take = (timeMs: number): void => {
    for (const window of features.takeEnded(timeMs)) {
      const { startMs } = window
      // A window without logs is one with none, unless nothing was read at that time.
      if (nextMs !== undefined && startMs - nextMs <= gapWindowsMax * windowMs)
        for (; nextMs < startMs; nextMs += windowMs) collector.add('', { timeMs: nextMs, count: 0 })
      nextMs = startMs + windowMs
      collector.add('', membersOf(window))
    }
  }
  let reachedMs = Number.NEGATIVE_INFINITY
  for await (const { event, timeMs } of logs) {
    const { fields } = event
    if (service !== undefined && fields.service !== service) continue
    if (timeMs < reachedMs - graceMs) continue
    const durationMs = typeof fields.durationMs === 'number' ? fields.durationMs : undefined
    features.add({ scope: service ?? '', timestamp: timeMs, isError: errorLevels.includes(fields.level), durationMs })
    if (timeMs <= reachedMs) continue
    reachedMs = timeMs
    take(reachedMs - graceMs)
  }
  take(Number.POSITIVE_INFINITY)
}

function membersOf({ startMs, scope: _scope, latency, ...numbers }: WindowFeatures): Readonly<Record<string, unknown>> {
  const { p50, p95, p99 } = latency ?? {}
  return { timeMs: startMs, ...numbers, p50, p95, p99 }
}
