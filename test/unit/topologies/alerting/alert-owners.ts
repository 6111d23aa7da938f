import { type AlertChange, type Observation, rule, type RuleDefinition } from '../../../../src/alerts/index.ts'
import { silentLogger, type StreamRecord } from '../../../../src/index.ts'
import { MockProcessorContext } from '../../../../src/testing/index.ts'
import { type Detected, detectProcessor } from '../../../../topologies/alerting/detect-processor.ts'
import type { ObservationRecord } from '../../../../topologies/alerting/observation-record.ts'

/** When all logs of these tests begin. */
export const startMs = Date.UTC(2026, 10, 24, 8)

/** Five logs of a service within a minute. */
export const errors = {
  name: 'errors',
  kind: 'threshold',
  groupBy: ['service'],
  window: '1m',
  every: '10s',
  fire: '>= 5',
} as const satisfies RuleDefinition

/** Processes that own the same stores, one after another. */
export class AlertOwners {
  readonly #stores = detectProcessor(settings([])).stores ?? []
  readonly #context = new MockProcessorContext<string, Detected>({ stores: this.#stores })
  #nowMs = startMs
  #processor = detectProcessor(settings([])).create()

  constructor() {
    this.#context.currentSystemTimeMs = () => this.#nowMs
  }

  /** Another process begins, so long after the last one. */
  begin(rules: readonly RuleDefinition[], afterMs = 0): void {
    this.#processor.beforeCommit?.()
    this.#nowMs += afterMs
    this.#processor = detectProcessor(settings(rules)).create()
    this.#processor.init?.(this.#context)
    this.waitSeconds(20)
  }

  waitSeconds(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.#context.punctuations.at(-1)?.punctuate((this.#nowMs += 1000))
    }
  }

  logs(second: number, names: readonly string[], more: Partial<Observation> = {}, source = 'logs/0'): void {
    const timeMs = startMs + second * 1000
    const rules = Object.fromEntries(names.map((name) => [name, [{ timeMs, count: 5, ...more }]]))
    this.#write('service="shop"', { source, reachedMs: timeMs, group: ['shop'], rules })
  }

  /** Logs of a group that is named by these values. */
  write(group: readonly string[], second: number, name: string): void {
    const timeMs = startMs + second * 1000
    const key = `service=${JSON.stringify(group[0])}`
    this.#write(key, { source: 'logs/0', reachedMs: timeMs, group, rules: { [name]: [{ timeMs, count: 5 }] } })
  }

  tick(second: number, source = 'logs/0'): void {
    this.#write(source, { source, reachedMs: startMs + second * 1000, isIdle: false })
  }

  /** What has changed since the last call. */
  changes(): readonly AlertChange[] {
    const forwarded = this.#context.forwarded.splice(0)
    return forwarded.flatMap(({ record: { value } }) => ('episode' in value ? [value] : []))
  }

  #write(key: string, value: ObservationRecord): void {
    const record: StreamRecord<string, ObservationRecord> = { key, value, timestamp: this.#nowMs, headers: [] }
    this.#processor.process(record)
  }
}

function settings(definitions: readonly RuleDefinition[]) {
  return {
    name: 'detect',
    rules: definitions.map(rule),
    silentAfterMs: 300_000,
    watchesSources: true,
    statesMax: 1000,
    logger: silentLogger,
  }
}
