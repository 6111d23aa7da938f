import type { Bytes } from '../../core/bytes.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import { registryAvro } from '../../serde/registry-avro.ts'
import { createSchemaRegistryClient } from '../../serde/schema-registry-client.ts'
import type { Serde } from '../../serde/serde.ts'
import type { WorkerSettings } from '../../worker/worker-settings.ts'
import { decoded, type Decoding } from './decoding.ts'

/** Reads one part of records, key or value. */
export interface PartDecoder {
  /** Never rejects: bytes that cannot be read are shown as `auto` shows them, after the reason. */
  read(bytes: Bytes | null, topic: string): Promise<unknown>
  close(): Promise<void>
}

/** With the serde of a topology. */
export function serdeDecoder(serde: Serde<unknown>): PartDecoder {
  return {
    async read(bytes, topic) {
      if (bytes === null) return null
      try {
        await serde.resolve?.(bytes, topic)
        return serde.deserialize(bytes, topic, noHeaders)
      } catch (error) {
        return { unreadable: errorMessage(error), bytes: decoded(bytes, 'auto') }
      }
    },
    close: () => Promise.resolve(),
  }
}

/** By the form that the user names. */
export function plainDecoder(decoding: Decoding): PartDecoder {
  return { read: (bytes) => Promise.resolve(decoded(bytes, decoding)), close: () => Promise.resolve() }
}

/** Avro with the schemas of the registry. Throws ILLEGAL_ARGUMENT where the settings name none. */
export function avroDecoder({ url, username, password }: WorkerSettings['schemaRegistry']): PartDecoder {
  if (url === undefined) {
    const text = 'Avro is read with the schemas of a registry: set SCHEMA_REGISTRY_URL'
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
  }
  const basicAuth = username === undefined ? {} : { basicAuth: { username, password: password ?? '' } }
  const client = createSchemaRegistryClient({ url, ...basicAuth })
  return { ...serdeDecoder(registryAvro({ client })), close: () => client.close() }
}
