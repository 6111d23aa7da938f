import { type Alert, alert } from '../schemas/alert.ts'
import { emptyEnsemble, type EnsembleSettings, scored } from '../src/alerts/index.ts'
import {
  type KeyValueStore,
  keyValueStore,
  type KStream,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  string,
} from '../src/index.ts'
import { type EnsembleStates, ensembleStates } from './ensemble-states.ts'
import type { RateReport } from './error-rate.ts'

export interface AnomalyOptions extends EnsembleSettings {
  /** Score from which a point is reported: 0.95. */
  readonly threshold: number
}

const storeName = 'anomaly'

const features: { readonly [name: string]: (report: RateReport) => number } = {
  volume: (report) => report.total,
  'error-rate': (report) => (report.total === 0 ? 0 : report.errors / report.total),
  latency: (report) => report.durationP95Ms,
}

/** Watches volume, error rate and latency of each service by the statistical ensemble, one point a closed window. */
export function anomaly(
  reports: KStream<string, RateReport, boolean, boolean>,
  options: AnomalyOptions,
): KStream<string, Alert, boolean, boolean> {
  return reports.process(anomalyProcessor(options), { name: 'anomaly' })
}

function anomalyProcessor(options: AnomalyOptions): ProcessorSupplier<string, RateReport, string, Alert> {
  const store = keyValueStore({ name: storeName, key: string(), value: ensembleStates })
  return { create: () => new AnomalyProcessor(options), stores: [store] }
}

class AnomalyProcessor implements Processor<string, RateReport, string, Alert> {
  readonly #options: AnomalyOptions
  #context!: ProcessorContext<string, Alert>
  #states!: KeyValueStore<string, EnsembleStates>

  constructor(options: AnomalyOptions) {
    this.#options = options
  }

  init(context: ProcessorContext<string, Alert>): void {
    this.#context = context
    this.#states = context.getStateStore<KeyValueStore<string, EnsembleStates>>(storeName)
  }

  process({ key, value: report, timestamp, headers }: StreamRecord<string, RateReport>): void {
    const before = this.#states.get(key) ?? {}
    const after: { [name: string]: EnsembleStates[string] } = {}
    for (const [name, read] of Object.entries(features)) {
      const value = read(report)
      const { state, score } = scored(before[name] ?? emptyEnsemble, value, report.startMs, this.#options)
      after[name] = state
      if (!score.isPeak || score.score < this.#options.threshold) continue
      const summary = `${key}: ${name} of ${value.toPrecision(3)} is unusual (score ${score.score.toFixed(3)})`
      const details = { found: value, score: score.score, ...score.parts }
      const found = alert(`anomaly-${name}`, key, 'high', report.startMs, summary, details)
      this.#context.forward({ key, value: found, timestamp, headers })
    }
    this.#states.put(key, after)
  }
}
