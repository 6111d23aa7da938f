import { applicationCodes } from './application.ts'
import { detectionCodes } from './detection.ts'
import { kafkaClientCodes } from './kafka-client.ts'
import type { KafkaErrorName } from './kafka-protocol.ts'
import { liveTailCodes } from './live-tail.ts'
import { operatorCodes } from './operators.ts'
import { replayCodes } from './replay.ts'
import type { ErrorRows } from './row.ts'
import { runtimeCodes } from './runtime.ts'
import { serdeCodes } from './serdes.ts'
import { sinkCodes } from './sinks.ts'
import { storeCodes } from './stores.ts'
import { testingCodes } from './testing.ts'
import { topologyCodes } from './topology.ts'
import { workerCodes } from './worker.ts'
import { collectorCodes } from './collectors.ts'

interface ErrorRoom {
  readonly title: string
  readonly rows: ErrorRows
}

/** Every code of ours, in the order of docs/errors.md; Kafka's own are in kafka-protocol.ts. */
export const errorRooms = Object.freeze([
  { title: 'Building a topology', rows: topologyCodes },
  { title: 'The application and its settings', rows: applicationCodes },
  { title: 'Threads, tasks and records', rows: runtimeCodes },
  { title: 'Operators and processors', rows: operatorCodes },
  { title: 'Serdes and the schema registry', rows: serdeCodes },
  { title: 'Stores and queries', rows: storeCodes },
  { title: 'Sinks', rows: sinkCodes },
  { title: 'The Kafka client', rows: kafkaClientCodes },
  { title: 'Collectors', rows: collectorCodes },
  { title: 'Workers and the command line', rows: workerCodes },
  { title: 'Live tail', rows: liveTailCodes },
  { title: 'Detection', rows: detectionCodes },
  { title: 'Replays', rows: replayCodes },
  { title: 'Tests', rows: testingCodes },
] as const satisfies readonly ErrorRoom[])

type CodesOf<Rows> = Rows extends unknown ? keyof Rows : never

/** A code of the catalog (docs/errors.md), or the name that Kafka gives to an error of a broker. */
export type ErrorCode = CodesOf<(typeof errorRooms)[number]['rows']> | KafkaErrorName
