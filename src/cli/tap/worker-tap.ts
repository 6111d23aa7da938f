import { openKafka, type KafkaConnection } from '../../app.ts'
import type { TapSource } from '../../ops/tap-stream.ts'
import { kafkaConnection } from '../../worker/kafka-connection.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { plainDecoder, serdeDecoder } from '../records/record-decoder.ts'
import { textOf } from '../records/record-line.ts'
import { rangesFrom } from '../../kafka/record-ranges.ts'
import { RecordReader } from '../../kafka/record-reader.ts'
import { Redaction } from '../records/redaction.ts'
import { tap } from './tap.ts'
import { tapTarget } from './tap-target.ts'

/**
 * The tap of a worker's HTTP server: records that come from now on, read with connections of its own and outside of the
 * group. What looks like a secret is always hidden.
 */
export function workerTap(worker: PreparedWorker, kafka: KafkaConnection | undefined): TapSource {
  return async ({ name, parameters }, give, signal) => {
    const driver = openKafka(kafka ?? kafkaConnection(worker.settings.kafka, worker.logger), worker.logger)
    try {
      const admin = driver.admin()
      const { topics, serdes } = await tapTarget(name, worker, admin)
      const ranges = (await Promise.all(topics.map((topic) => rangesFrom(admin, topic, 'latest')))).flat()
      await admin.close()
      const reader = new RecordReader(
        driver,
        ranges.map((range) => ({ ...range, end: undefined })),
      )
      signal.addEventListener('abort', () => reader.stop())
      if (signal.aborted) reader.stop()
      try {
        await tap({
          reader,
          key: serdes === undefined ? plainDecoder('auto') : serdeDecoder(serdes.key),
          value: serdes === undefined ? plainDecoder('auto') : serdeDecoder(serdes.value),
          redaction: new Redaction({ redact: parameters.getAll('redact'), rules: worker.redaction }),
          filter: filterOf(parameters),
          sample: Math.max(1, Number(parameters.get('sample') ?? 1) || 1),
          limit: Number(parameters.get('limit') ?? Number.POSITIVE_INFINITY) || Number.POSITIVE_INFINITY,
          show: (record) => give(textOf(record)),
        })
      } finally {
        await reader.close()
      }
    } finally {
      await driver.close()
    }
  }
}

function filterOf(parameters: URLSearchParams): { key?: string; text?: string; header?: string } {
  const given = (['key', 'text', 'header'] as const).flatMap((name) => {
    const value = parameters.get(name)
    return value === null ? [] : [[name, value]]
  })
  return Object.fromEntries(given) as { key?: string; text?: string; header?: string }
}
