import { createOperator } from '../../src/operators/create-operator.ts'
import type { Operator } from '../../src/operators/operator.ts'
import { createRedactor, pipeline } from '../../src/pipelines/index.ts'
import { OperatorHarness } from '../../src/testing/operator-harness.ts'
import type { AnyProcessorSupplier } from '../../src/topology/processor-api.ts'
import { enrichmentProcessor } from '../../topologies/enrichment-processor.ts'
import { defaultInputPolicy } from '../../topologies/input-policy.ts'
import { logInput } from '../../topologies/log-input.ts'

/** The first two steps of the application worker, with default settings, without stores and a broker. */
const redactor = createRedactor()

/** From Kafka's bytes to what the processor takes. */
export const workerInput = logInput({
  avro: undefined,
  valueBytesMax: defaultInputPolicy.valueBytesMax,
  takesOwnShape: true,
  redactor,
})

const supplier = enrichmentProcessor({
  pipeline: pipeline({ name: 'bench', joinLines: false }),
  redactor,
  policy: defaultInputPolicy,
  geo: undefined,
})

/** Enriches what it is given, and passes it on. */
export function enriching(next: (value: unknown, timestamp: number) => void): Operator {
  const operator = createOperator({ kind: 'processor', supplier: supplier as unknown as AnyProcessorSupplier })
  const { output } = new OperatorHarness(operator)
  output.process = (_key, value, timestamp) => next(value, timestamp)
  return operator
}
