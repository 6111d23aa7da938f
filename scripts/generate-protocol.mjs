// Generates src/kafka/wire/protocol/generated/*.ts from Kafka's own message definitions.
//   node scripts/generate-protocol.mjs <kafka-clients.jar> [output folder]
// The definitions are the JSON files below common/message/ inside the jar; `unzip` must be on the path.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emitApi, emitData } from './protocol-emitter.mjs'

/**
 * The APIs that millrace speaks and the versions it uses of them: from what every broker since Kafka 3.1 offers to the
 * newest that fits the code. Ceilings below the definition's have a reason beside them.
 */
const apis = {
  Produce: '9-12', // 13 names topics by id
  Fetch: '13-18',
  ListOffsets: '7-11',
  Metadata: '11-13',
  OffsetCommit: '8-9', // 10 names topics by id
  OffsetFetch: '8-9', // 10 names topics by id
  FindCoordinator: '4-6',
  JoinGroup: '7-9',
  Heartbeat: '4-4',
  LeaveGroup: '4-5',
  SyncGroup: '5-5',
  DescribeGroups: '5-6',
  ListGroups: '4-5',
  SaslHandshake: '1-1',
  ApiVersions: '3-3', // an older broker answers a newer request in version 0; all that 4 adds is features from level 0
  CreateTopics: '7-7',
  DeleteTopics: '6-6',
  DeleteRecords: '2-2',
  InitProducerId: '4-5', // 6 is for transactions in two phases
  AddPartitionsToTxn: '3-3', // 4 is for brokers
  AddOffsetsToTxn: '3-4',
  EndTxn: '3-5',
  TxnOffsetCommit: '3-5',
  DescribeConfigs: '4-4',
  SaslAuthenticate: '2-2',
  CreatePartitions: '3-3',
  DeleteGroups: '2-2',
  IncrementalAlterConfigs: '1-1',
  StreamsGroupHeartbeat: '0-0',
  StreamsGroupDescribe: '0-0',
}

/** Messages inside other messages: encoded and decoded here, because members exchange them. */
const data = { ConsumerProtocolSubscription: '0-3', ConsumerProtocolAssignment: '0-3' }

function main([jar, output = 'src/kafka/wire/protocol/generated']) {
  if (!jar) throw new Error('name the kafka-clients jar: node scripts/generate-protocol.mjs <jar> [output folder]')
  const read = (name) => {
    const text = execFileSync('unzip', ['-p', jar, `common/message/${name}.json`], { encoding: 'utf8' })
    return JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''))
  }
  mkdirSync(output, { recursive: true })
  for (const file of readdirSync(output)) rmSync(join(output, file))
  for (const [name, range] of Object.entries(apis)) {
    const source = emitApi(name, range, read(`${name}Request`), read(`${name}Response`))
    writeFileSync(join(output, `${fileName(name)}.ts`), source)
  }
  for (const [name, range] of Object.entries(data)) {
    writeFileSync(join(output, `${fileName(name)}.ts`), emitData(name, range, read(name)))
  }
}

const fileName = (name) => name.replace(/[a-z0-9](?=[A-Z])/g, '$&-').toLowerCase()

main(process.argv.slice(2))
