import { before, created, type ExampleChanges } from './edit.ts'

/** Rows about Kafka. */
export const kafkaChanges: ExampleChanges = {
  'a Kafka driver': [
    created(
      'src/kafka/recorded/driver.ts',
      `import type { KafkaDriver } from '../port.ts'

/** Answers from a driver behind it, whose calls somebody wants to see. */
export function createRecordedDriver(inner: KafkaDriver, onCall: (name: keyof KafkaDriver) => void): KafkaDriver {
  return {
    ...inner,
    health() {
      onCall('health')
      return inner.health()
    },
  }
}
`,
    ),
    before(
      'src/app.ts',
      'import { createWireDriver }',
      "import { createRecordedDriver } from './kafka/recorded/driver.ts'\n",
    ),
    {
      file: 'src/app.ts',
      find: 'export type KafkaConnection =\n',
      put: "export type KafkaConnection =\n  | { readonly driver: 'recorded'; readonly of: KafkaDriver }\n",
    },
    before(
      'src/app.ts',
      "  if (kafka.driver === 'memory')",
      "  if (kafka.driver === 'recorded') return createRecordedDriver(kafka.of, () => {})\n",
    ),
  ],
  'a Kafka request': [before('scripts/generate-protocol.mjs', '  DescribeConfigs:', "  DescribeProducers: '0-0',\n")],
  'an admin request': [
    before(
      'src/kafka/port.ts',
      '  /** The ids of the groups that the cluster knows. */',
      '  countGroups(): Promise<number>\n',
    ),
    before(
      'src/kafka/wire/admin/admin.ts',
      '  async listTopics()',
      '  async countGroups(): Promise<number> {\n    return (await this.listGroups()).length\n  }\n\n',
    ),
    before('src/testing/faulty-parts.ts', "  listTopics: 'rejects',", "  countGroups: 'rejects',\n"),
    before(
      'src/kafka/memory/admin.ts',
      '  async listTopics()',
      '  async countGroups(): Promise<number> {\n    return (await this.listGroups()).length\n  }\n\n',
    ),
  ],
  'a compression': [
    {
      file: 'src/kafka/port.ts',
      find: "export type Compression = 'none'",
      put: "export type Compression = 'none' | 'brotli'",
    },
    created(
      'src/kafka/wire/codec/compression-brotli.ts',
      `import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'

export function compressBrotli(bytes: Buffer, headBytes: number): Buffer {
  return Buffer.concat([Buffer.allocUnsafe(headBytes), brotliCompressSync(bytes)])
}

export function decompressBrotli(bytes: Buffer): Buffer {
  return brotliDecompressSync(bytes)
}
`,
    ),
    before(
      'src/kafka/wire/codec/compression.ts',
      'import { compressLz4',
      "import { compressBrotli, decompressBrotli } from './compression-brotli.ts'\n",
    ),
    { file: 'src/kafka/wire/codec/compression.ts', find: 'zstd: 4 }', put: 'zstd: 4, brotli: 5 }' },
    {
      file: 'src/kafka/wire/codec/compression.ts',
      find: '\n]\n',
      put: '\n  { compress: compressBrotli, decompress: decompressBrotli },\n]\n',
    },
    { file: 'src/runtime/settings.ts', find: "'lz4', 'zstd']", put: "'lz4', 'zstd', 'brotli']" },
  ],
  'a SASL mechanism': [
    created(
      'src/kafka/wire/connection/sasl-external.ts',
      `import type { SaslSend } from './sasl-send.ts'

/** Nothing is sent but a name: the certificate of the connection proves it. */
export async function externalExchange(name: string, send: SaslSend): Promise<void> {
  await send(Buffer.from(name))
}
`,
    ),
    before(
      'src/kafka/wire/connection/sasl.ts',
      'import { oauthBearerExchange }',
      "import { externalExchange } from './sasl-external.ts'\n",
    ),
    {
      file: 'src/kafka/wire/connection/sasl.ts',
      find: "mechanism: 'PLAIN' |",
      put: "mechanism: 'PLAIN' | 'EXTERNAL' |",
    },
    before(
      'src/kafka/wire/connection/sasl.ts',
      "    case 'SCRAM-SHA-256':",
      "    case 'EXTERNAL':\n      return externalExchange(options.username, send)\n",
    ),
    { file: 'src/worker/setting-definitions.ts', find: "enum: ['PLAIN',", put: "enum: ['PLAIN', 'EXTERNAL'," },
    {
      file: 'src/worker/worker-settings.ts',
      find: "saslMechanism?: 'PLAIN'",
      put: "saslMechanism?: 'PLAIN' | 'EXTERNAL'",
    },
  ],
  'a group protocol': [
    created(
      'src/kafka/wire/group/share/share-group-member.ts',
      `import { ClassicGroupMember } from '../classic/classic-group-member.ts'

export class ShareGroupMember extends ClassicGroupMember {}
`,
    ),
    before(
      'src/kafka/wire/driver.ts',
      'import { Cluster }',
      "import { ShareGroupMember } from './group/share/share-group-member.ts'\n",
    ),
    before(
      'src/kafka/wire/driver.ts',
      '  classic: (...parts)',
      '  share: (...parts) => new ShareGroupMember(...parts),\n',
    ),
    {
      file: 'src/kafka/group-protocol.ts',
      find: "GroupProtocol = 'classic' | 'streams'\n",
      put: "GroupProtocol = 'classic' | 'streams' | 'share'\n",
    },
  ],
}
