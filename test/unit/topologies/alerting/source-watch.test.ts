import { describe, expect, test } from '@jest/globals'
import { NodeMetrics } from '../../../../src/operators/task-metrics.ts'
import { SourceTimes } from '../../../../topologies/alerting/source-times.ts'
import { SourceWatch } from '../../../../topologies/alerting/source-watch.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'

const startMs = 1_000_000
const dayMs = 86_400_000

/** Minutes pass, and the source tells at each what it is told to. */
function watch(minutes: number, tell: (times: SourceTimes, minute: number, nowMs: number) => void) {
  const [metrics, logger] = [new NodeMetrics('detect'), new RecordingLogger()]
  const times = new SourceTimes(dayMs, startMs)
  const watched = new SourceWatch(metrics, logger)
  const warnedAt: number[] = []
  for (let minute = 0; minute <= minutes; minute++) {
    const nowMs = startMs + minute * 60_000
    tell(times, minute, nowMs)
    times.advance(nowMs)
    const before = logger.lines.length
    watched.look(times, nowMs)
    if (logger.lines.length > before) warnedAt.push(minute)
  }
  const gauge = (name: string) => metrics.gauge(name).value
  return { warnedAt, logger, behind: [gauge('alert_sources_behind'), gauge('alert_source_behind_seconds')] }
}

describe('a source that holds time', () => {
  test('is named with what to do, at growing intervals, when nobody has heard of it', () => {
    const { warnedAt, logger, behind } = watch(64, (times, minute, nowMs) => {
      if (minute === 0) times.told('logs/0', { reachedMs: nowMs, isIdle: false }, nowMs)
    })
    expect(warnedAt).toEqual([1, 2, 4, 8, 16, 32, 64])
    expect(behind).toEqual([1, 3840])
    expect(logger.lines[2]?.message).toBe(
      'no worker has told for 4 minutes how far logs/0 is read, and no alert is over before it is: start its worker, or lower ALERTS_SOURCE_SILENT_MS if nobody reads it any longer',
    )
  })

  test('is named with another cause when its worker tells that it is behind', () => {
    const { logger } = watch(5, (times, _, nowMs) => times.told('logs/0', { reachedMs: startMs, isIdle: false }, nowMs))
    expect(logger.lines[0]?.message).toContain('the logs of logs/0 are read 1 minute late')
    expect(logger.lines[0]?.message).toContain('look at the lag and the sinks of its worker')
  })

  test('counts no longer when it has nothing to read', () => {
    const { warnedAt, behind } = watch(10, (times, minute, nowMs) => {
      if (minute === 0 || minute > 5) times.told('logs/0', { reachedMs: nowMs, isIdle: true }, nowMs)
    })
    expect([warnedAt, behind]).toEqual([
      [1, 2, 4],
      [0, 0],
    ])
  })
})
