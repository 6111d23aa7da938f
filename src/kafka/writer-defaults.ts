import type { ProducerOptions } from './port.ts'

/** How single records are written: by a `TopicWriter`, by commands, and to audit topics. */
export const writerDefaults: ProducerOptions = Object.freeze({
  clientId: 'millrace-writer',
  acks: 'all',
  idempotent: true,
  compression: 'none',
  lingerMs: 0,
  idleLingerMs: 0,
  batchBytes: 16_384,
  bufferedBytesMax: 32 * 1024 * 1024,
  maxRequestBytes: 1_048_576,
  deliveryTimeoutMs: 30_000,
  onSendError: () => 'fail',
})
