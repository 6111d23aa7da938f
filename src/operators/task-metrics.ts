import { MillraceError } from '../core/errors.ts'
import { ignoreRejection } from '../core/no-promise.ts'
import { shown } from '../core/shown.ts'
import type { MetricCounter, MetricGauge, ProcessorMetrics } from '../topology/processor-metrics.ts'

const namesMax = 100
const nameLengthMax = 100
const overflowName = 'other'

/** One number that a processor reports. */
export interface MetricValue {
  /** The name of the processor that reports it. */
  readonly processor: string
  /** The name that the processor gave it. */
  readonly name: string
  /** The number itself. */
  readonly value: number
}

/** Counter and gauge in one; their interfaces show one method each. */
class Metric implements MetricCounter, MetricGauge {
  readonly #title: string
  value = 0

  constructor(title: string) {
    this.#title = title
  }

  increment(by = 1): void {
    if (!(Number.isFinite(by) && by >= 0)) throw this.#invalid(by, 'a number of 0 or more')
    this.value += by
  }

  set(value: number): void {
    if (!Number.isFinite(value)) throw this.#invalid(value, 'a finite number')
    this.value = value
  }

  #invalid(given: unknown, wanted: string): MillraceError {
    return invalidMetric(given, `${this.#title} was given ${shown(given)}: it takes ${wanted}`)
  }
}

/** The counters and gauges of one processor in one task. */
export class NodeMetrics implements ProcessorMetrics {
  readonly #processor: string
  readonly counters = new Map<string, Metric>()
  readonly gauges = new Map<string, Metric>()

  constructor(processor: string) {
    this.#processor = processor
  }

  counter(name: string): MetricCounter {
    return this.#metric(this.counters, 'counter', name)
  }

  gauge(name: string): MetricGauge {
    return this.#metric(this.gauges, 'gauge', name)
  }

  #metric(metrics: Map<string, Metric>, kind: string, name: string): Metric {
    const known = metrics.get(name)
    if (known !== undefined) return known
    if (typeof name !== 'string' || name.length === 0 || name.length > nameLengthMax) {
      const wanted = `a text of 1 to ${nameLengthMax} characters`
      throw invalidMetric(name, `${this.#processor} names a ${kind} ${shown(name)}: the name must be ${wanted}`)
    }
    if (metrics.size >= namesMax && name !== overflowName) return this.#metric(metrics, kind, overflowName)
    const metric = new Metric(`${kind} ${name} of ${this.#processor}`)
    metrics.set(name, metric)
    return metric
  }
}

/** The metrics of the processors of one task, or their sum over several tasks. */
export class TaskMetrics {
  readonly #nodes = new Map<string, NodeMetrics>()

  of(processor: string): NodeMetrics {
    let node = this.#nodes.get(processor)
    if (node === undefined) this.#nodes.set(processor, (node = new NodeMetrics(processor)))
    return node
  }

  counters(): readonly MetricValue[] {
    return this.#values('counters')
  }

  gauges(): readonly MetricValue[] {
    return this.#values('gauges')
  }

  /** Gauges are not added: they end with their task. */
  addCounters(more: TaskMetrics): void {
    for (const { processor, name, value } of more.counters()) this.of(processor).counter(name).increment(value)
  }

  #values(kind: 'counters' | 'gauges'): readonly MetricValue[] {
    return [...this.#nodes].flatMap(([processor, node]) =>
      [...node[kind]].map(([name, { value }]) => ({ processor, name, value })),
    )
  }
}

function invalidMetric(given: unknown, sentence: string): MillraceError {
  ignoreRejection(given)
  return new MillraceError('INVALID_METRIC', 'record', sentence)
}
