import type { KafkaConnection } from '../src/app.ts'
import { createSchemaRegistryClient, registryAvro, type Logger, type Serde } from '../src/index.ts'
import type { LogRecord } from '../schemas/log-record.ts'
import type { FleetSettings } from './settings.ts'

/** How a worker reaches Kafka. Files of certificates are read for each connection, so that renewed ones are used. */
export function kafkaConnection(settings: FleetSettings['kafka'], logger: Logger): KafkaConnection {
  const { bootstrapServers = '127.0.0.1:9092', clientId, saslMechanism, saslUsername, saslPassword } = settings
  const sasl =
    saslMechanism === undefined
      ? undefined
      : { mechanism: saslMechanism, username: saslUsername ?? '', password: saslPassword ?? '' }
  return {
    bootstrap: bootstrapServers.split(','),
    clientId,
    logger,
    ...(settings.tls ? { tls: tlsFiles(settings) } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  }
}

function tlsFiles({ tlsCaFile, tlsCertFile, tlsKeyFile }: FleetSettings['kafka']): {
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

/** Reads Avro logs as their writers wrote them; undefined where no registry is set. */
export function avroLogs(settings: FleetSettings['schemaRegistry']): Serde<LogRecord> | undefined {
  const { url, username, password } = settings
  if (url === undefined) return undefined
  const basicAuth = username === undefined ? {} : { basicAuth: { username, password: password ?? '' } }
  return registryAvro<LogRecord>({ client: createSchemaRegistryClient({ url, ...basicAuth }) })
}
