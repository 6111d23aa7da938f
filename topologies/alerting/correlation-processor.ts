import { groupKey, type RulePlan, RuleReader } from '../../src/alerts/index.ts'
import type { Processor, ProcessorContext, StreamRecord } from '../../src/index.ts'
import type { Detected } from './detect-processor.ts'
import { keyWithoutGroup, type ObservationRecord } from './observation-record.ts'

/** Makes observations of changes, for rules that correlate other rules. */
export function correlationProcessor(
  correlations: readonly RulePlan[],
): Processor<string, Detected, string, ObservationRecord> {
  return new CorrelationProcessor(correlations)
}

class CorrelationProcessor implements Processor<string, Detected, string, ObservationRecord> {
  readonly #reader: RuleReader
  #context!: ProcessorContext<string, ObservationRecord>

  constructor(correlations: readonly RulePlan[]) {
    this.#reader = new RuleReader(correlations)
  }

  init(context: ProcessorContext<string, ObservationRecord>): void {
    this.#context = context
  }

  process({ key, value, timestamp }: StreamRecord<string, Detected>): void {
    if (!('episode' in value)) {
      this.#context.forward({ key, value, timestamp })
      return
    }
    const source = `detect/${this.#context.taskId}`
    this.#reader.readChange(value, ({ name, read }, group, observation) => {
      const rules = { [name]: [observation] }
      this.#context.forward({
        key: groupKey(read.groupBy, group) || keyWithoutGroup,
        value: { source, reachedMs: value.timeMs, group, rules },
        timestamp,
      })
    })
  }
}
