import { type FeatureRow, LogFeatures } from '../../src/detection/index.ts'
import type { MetricCounter, Processor, ProcessorContext, StreamRecord } from '../../src/index.ts'
import type { EnrichedLog } from '../enriched-log.ts'
import { type FeatureStreamOptions, partsOf, scopeOf } from './feature-record.ts'

/** Sums are forwarded after so much event time at most. */
const heldMostMs = 10_000
/** So many sums are held. */
const piecesMax = 2000
/** Names are kept for so many scopes at most, before they are made again. */
const scopesMax = 10_000
/** A name that is longer belongs to no component. */
const componentLengthMax = 80

/**
 * Sums up logs by service, component and window before they go over a repartition topic, and forwards the sums once in a
 * while of event time, and before every commit: a few records in place of thousands, and the same sums.
 */
export class FeatureGatherer implements Processor<unknown, EnrichedLog, string, FeatureRow> {
  readonly #windowMs: number
  readonly #graceMs: number
  /** Less than the grace, so that no log is late only because its sum was held. */
  readonly #heldMs: number
  #context!: ProcessorContext<string, FeatureRow>
  #late!: MetricCounter
  #features: LogFeatures
  /** Of a component, by service and component. */
  readonly #scopes = new Map<string, Map<string, string>>()
  #scopeCount = 0
  #forwardAtMs = Number.POSITIVE_INFINITY
  #latestMs = Number.NEGATIVE_INFINITY

  constructor({ windowMs, graceMs }: Pick<FeatureStreamOptions, 'windowMs' | 'graceMs'>) {
    this.#windowMs = windowMs
    this.#graceMs = graceMs
    this.#heldMs = Math.min(heldMostMs, graceMs / 3)
    this.#features = new LogFeatures({ windowMs })
  }

  init(context: ProcessorContext<string, FeatureRow>): void {
    this.#context = context
    this.#late = context.metrics.counter('features_late_logs')
  }

  process({ value: log, timestamp }: StreamRecord<unknown, EnrichedLog>): void {
    if (timestamp + this.#graceMs <= this.#latestMs && this.#isLate(timestamp)) return
    if (timestamp >= this.#forwardAtMs || this.#features.size >= piecesMax) this.beforeCommit()
    if (this.#features.size === 0) this.#forwardAtMs = timestamp + this.#heldMs
    if (timestamp > this.#latestMs) this.#latestMs = timestamp
    const { service, component } = log
    const line = {
      scope: service,
      timestamp,
      isError: log.level === 'error' || log.level === 'critical',
      durationMs: log.durationMs,
      templateId: log.template?.id,
      isNewTemplate: log.hasNewTemplate,
    }
    this.#features.add(line)
    if (component === undefined || component === '' || component.length > componentLengthMax) return
    line.scope = this.#scopeOf(service, component)
    this.#features.add(line)
  }

  /** Earlier windows first, all with the time that the task has reached. */
  beforeCommit(): void {
    if (this.#features.size === 0) return
    const rows = this.#features.takeChanges().rows.map(([, row]) => row)
    this.#features = new LogFeatures({ windowMs: this.#windowMs })
    const timestamp = this.#latestMs
    for (const row of rows.sort((left, right) => left.startMs - right.startMs))
      this.#context.forward({ key: partsOf(row.scope).service, value: row, timestamp, headers: [] })
  }

  /** Decided here, so that it does not depend on when sums are forwarded. */
  #isLate(timestamp: number): boolean {
    const endMs = (Math.floor(timestamp / this.#windowMs) + 1) * this.#windowMs
    if (endMs + this.#graceMs > this.#latestMs) return false
    this.#late.increment()
    return true
  }

  #scopeOf(service: string, component: string): string {
    let scopes = this.#scopes.get(service)
    let scope = scopes?.get(component)
    if (scope !== undefined) return scope
    if (this.#scopeCount++ >= scopesMax) {
      this.#scopes.clear()
      this.#scopeCount = 1
      scopes = undefined
    }
    if (scopes === undefined) this.#scopes.set(service, (scopes = new Map()))
    scope = scopeOf(service, component)
    scopes.set(component, scope)
    return scope
  }
}
