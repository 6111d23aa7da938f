import type { KStream, StreamsBuilder } from '../../src/index.ts'
import { createRedactor, newFields, pipeline } from '../../src/pipelines/index.ts'
import { EnrichedLog, type Findings } from '../../topologies/enriched-log.ts'
import { enrichment } from '../../topologies/enrichment.ts'
import { defaultInputPolicy, type InputPolicy } from '../../topologies/input-policy.ts'
import { logInput } from '../../topologies/log-input.ts'
import { LogReader } from '../../topologies/log-reader.ts'

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

/** Makes logs of the level info, as they are after enrichment, without a topology. */
export function plainLogMaker(): (fields: Pick<Findings, 'timestamp' | 'service' | 'message'>) => EnrichedLog {
  const reader = new LogReader(createRedactor())
  return (fields) => {
    const source = reader.of(Object.assign(newFields(), { level: 'info', ...fields }))
    return new EnrichedLog(source, {
      ...fields,
      receivedMs: fields.timestamp,
      documentId: undefined,
      originalTimestamp: undefined,
      level: 'info',
      dataClass: 'internal',
      tags: [],
      priority: 0,
      geo: undefined,
    })
  }
}
