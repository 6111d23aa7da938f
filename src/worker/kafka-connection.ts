import type { KafkaConnection } from '../app.ts'
import type { Logger } from '../core/logger.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** How a worker reaches Kafka. Files of certificates are read for each connection, so that renewed ones are used. */
export function kafkaConnection(settings: WorkerSettings['kafka'], logger: Logger): KafkaConnection {
  const { bootstrapServers = '127.0.0.1:9092', clientId, requestTimeoutMs } = settings
  const { saslMechanism, saslUsername, saslPassword } = settings
  const sasl =
    saslMechanism === undefined
      ? undefined
      : { mechanism: saslMechanism, username: saslUsername ?? '', password: saslPassword ?? '' }
  return {
    bootstrap: bootstrapServers.split(','),
    clientId,
    logger,
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(settings.tls ? { tls: tlsFiles(settings) } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  }
}

function tlsFiles({ tlsCaFile, tlsCertFile, tlsKeyFile }: WorkerSettings['kafka']): {
  ca?: string
  cert?: string
  key?: string
} {
  return {
    ...(tlsCaFile === undefined ? {} : { ca: tlsCaFile }),
    ...(tlsCertFile === undefined ? {} : { cert: tlsCertFile }),
    ...(tlsKeyFile === undefined ? {} : { key: tlsKeyFile }),
  }
}
