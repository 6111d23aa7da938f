import type { TransactionalProducerOptions } from '../../../port.ts'
import { atLeast, compileProducerOptions, invalid, type ProducerConfig } from '../producer-config.ts'

export type TransactionalConfig = ProducerConfig & Readonly<TransactionalProducerOptions>

/** Throws INVALID_OPTION (fatal) for what cannot work. */
export function compileTransactionalOptions(options: TransactionalProducerOptions): TransactionalConfig {
  const { transactionalId, transactionTimeoutMs, idempotent } = options
  if (!idempotent) throw invalid('idempotent', 'false', 'set it to true, which transactions need')
  if (transactionalId === '') throw invalid('transactionalId', "''", 'give it a name')
  atLeast('transactionTimeoutMs', transactionTimeoutMs, 1)
  return Object.freeze({ ...compileProducerOptions(options), transactionalId, transactionTimeoutMs })
}
