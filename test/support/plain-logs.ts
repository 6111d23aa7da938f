import type { KStream, StreamsBuilder } from '../../src/index.ts'
import { createRedactor, pipeline } from '../../src/pipelines/index.ts'
import type { EnrichedLog } from '../../topologies/enriched-log.ts'
import { enrichment } from '../../topologies/enrichment.ts'
import { defaultInputPolicy, type InputPolicy } from '../../topologies/input-policy.ts'
import { logInput } from '../../topologies/log-input.ts'

/** The logs of the topic `logs`, one a record, as every topology of the fleet gets them. */
export function plainLogs(
  builder: StreamsBuilder,
  policy: InputPolicy = defaultInputPolicy,
): KStream<string, EnrichedLog, boolean, boolean> {
  const redactor = createRedactor()
  return enrichment(builder, {
    topic: 'logs',
    input: logInput({ avro: undefined, valueBytesMax: 1_000_000, takesOwnShape: true, redactor }),
    servicesTopic: undefined,
    pipeline: pipeline({ name: 'logs', joinLines: false }),
    redactor,
    policy,
    geo: undefined,
  })
}
