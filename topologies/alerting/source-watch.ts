import type { Logger, MetricGauge, ProcessorMetrics } from '../../src/index.ts'
import type { HeldTime, SourceTimes } from './source-times.ts'

/** A source that is so far behind holds the time of all others. */
const behindMs = 60_000
const firstWaitMs = 60_000
const waitMaxMs = 3_600_000
const namesMax = 10

/** Reports sources of logs that hold back the end of alerts, so that a worker that is down is not found by accident. */
export class SourceWatch {
  readonly #logger: Logger
  readonly #count: MetricGauge
  readonly #ageSeconds: MetricGauge
  #waitMs = firstWaitMs
  #nextMs = 0

  constructor(metrics: ProcessorMetrics, logger: Logger) {
    this.#logger = logger
    this.#count = metrics.gauge('alert_sources_behind')
    this.#ageSeconds = metrics.gauge('alert_source_behind_seconds')
  }

  look(times: SourceTimes, nowMs: number): void {
    const behind = times.behind(behindMs)
    const [last] = behind
    this.#count.set(behind.length)
    this.#ageSeconds.set(last === undefined ? 0 : Math.round(last.behindMs / 1000))
    if (last === undefined) {
      this.#waitMs = firstWaitMs
      this.#nextMs = 0
    } else if (nowMs >= this.#nextMs) {
      this.#warn(last, behind)
      this.#nextMs = nowMs + this.#waitMs
      this.#waitMs = Math.min(waitMaxMs, 2 * this.#waitMs)
    }
  }

  #warn(last: HeldTime, behind: readonly HeldTime[]): void {
    const names = behind.slice(0, namesMax).map(({ source }) => source)
    const fields = { count: behind.length, sources: names.join(' ') }
    if (last.silentMs < behindMs) {
      this.#logger.warn(
        fields,
        `the logs of ${last.source} are read ${shown(last.behindMs)} late, and no alert is over before they are read: look at the lag and the sinks of its worker, and at the clocks of the hosts that log there`,
      )
    } else {
      this.#logger.warn(
        fields,
        `no worker has told for ${shown(last.silentMs)} how far ${last.source} is read, and no alert is over before it is: start its worker, or lower ALERTS_SOURCE_SILENT_MS if nobody reads it any longer`,
      )
    }
  }
}

function shown(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
