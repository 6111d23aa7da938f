import { type AlertChange, type RulePlan } from '../../src/alerts/index.ts'
import { days, json, type KStream, type Logger, string, type StreamsBuilder } from '../../src/index.ts'
import { correlationProcessor } from './correlation-processor.ts'
import { type Detected, detectProcessor } from './detect-processor.ts'
import { observationPartition, observationRecords } from './observation-record.ts'

export interface DetectOptions {
  readonly rules: readonly RulePlan[]
  readonly observationsTopic: string
  readonly changesTopic: string
  /** A source of logs that nobody has heard of for so long is not waited for. Default one day. */
  readonly silentAfterMs?: number
  /** Alerts that a task knows at the same time. Default 100,000. */
  readonly statesMax?: number
  /** The global table of labels. Default: none. */
  readonly labels?: string
  readonly logger: Logger
}

/** Evaluates the rules over what log workers have gathered, and writes what changes in the life of each alert. */
export function detect(builder: StreamsBuilder, options: DetectOptions): void {
  const { silentAfterMs = days(1), statesMax = 100_000, logger } = options
  const settings = { silentAfterMs, statesMax, watchesSources: true, labels: options.labels, logger }
  const correlations = options.rules.filter(({ watch }) => watch.by === 'correlation')
  const rules = options.rules.filter((plan) => !correlations.includes(plan))
  const found = builder
    .stream(options.observationsTopic, { name: 'observations', key: string(), value: observationRecords })
    .process(detectProcessor({ ...settings, name: 'detect', rules }), { name: 'detect' })
  const changes = changesOf(found, 'detected')
  const all =
    correlations.length === 0
      ? changes
      : changes.merge(
          changesOf(
            found
              .process({ create: () => correlationProcessor(correlations) }, { name: 'relate' })
              .repartition({
                name: 'alert-correlations',
                key: string(),
                value: observationRecords,
                partitioner: observationPartition,
              })
              .process(
                detectProcessor({ ...settings, name: 'correlate', rules: correlations, watchesSources: false }),
                { name: 'correlate' },
              ),
            'correlated',
          ),
          { name: 'all-changes' },
        )
  all.to(options.changesTopic, { name: 'to-changes', key: string(), value: json<AlertChange>() })
}

function changesOf(
  found: KStream<string, Detected, boolean, boolean>,
  name: string,
): KStream<string, AlertChange, boolean, boolean> {
  return found.flatMapValues((one) => ('episode' in one ? [one] : []), { name })
}
