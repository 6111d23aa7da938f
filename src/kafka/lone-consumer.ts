import type { Consumer, KafkaDriver } from './port.ts'

const mebibyte = 1024 * 1024
const fetchMaxWaitMs = 500

/** A consumer that reads outside of any group, and only what is committed. The caller closes it. */
export function loneConsumer(kafka: KafkaDriver): Consumer {
  return kafka.consumer({
    clientId: 'millrace-reader',
    isolationLevel: 'read_committed',
    offsetReset: () => 'earliest',
    fetchMinBytes: 1,
    fetchMaxBytes: 16 * mebibyte,
    partitionFetchMaxBytes: mebibyte,
    fetchMaxWaitMs,
    bufferedBytesMax: 32 * mebibyte,
  })
}
