import { createSchemaRegistryClient, registryAvro, type Serde } from '../src/index.ts'
import type { LogRecord } from '../schemas/log-record.ts'
import type { FleetSettings } from './settings.ts'

/** A registry that does not answer is reported after this time, and asked again. */
const deadlineMs = 5000

/** Reads Avro logs as their writers wrote them; undefined where no registry is set. */
export function avroLogs(settings: FleetSettings['schemaRegistry']): Serde<LogRecord> | undefined {
  const { url, username, password } = settings
  if (url === undefined) return undefined
  const basicAuth = username === undefined ? {} : { basicAuth: { username, password: password ?? '' } }
  return registryAvro<LogRecord>({ client: createSchemaRegistryClient({ url, deadlineMs, ...basicAuth }) })
}
