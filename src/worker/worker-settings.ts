import type { OffsetResetText } from './offset-reset.ts'

/** The settings of a worker, complete: every default is in, nothing is optional but what switches a feature off. */
export interface WorkerSettings {
  /** The group and the prefix of internal topics; unset: what the worker's definition says. */
  readonly applicationId?: string
  /** How to reach Kafka, and how to take part in the group. */
  readonly kafka: {
    readonly bootstrapServers?: string
    readonly clientId: string
    readonly tls: boolean
    readonly tlsCaFile?: string
    readonly tlsCertFile?: string
    readonly tlsKeyFile?: string
    readonly saslMechanism?: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
    readonly saslUsername?: string
    readonly saslPassword?: string
    readonly groupInstanceId?: string
    readonly leaveGroupFile?: string
    readonly sessionTimeoutMs: number
    readonly requestTimeoutMs?: number
    readonly offsetReset: OffsetResetText
    readonly offsetOutOfRange: 'earliest' | 'latest' | 'fail'
    readonly replicationFactor: number
    readonly createTopics: boolean
  }
  /** The registry of Avro schemas; without `url` there is none. */
  readonly schemaRegistry: { readonly url?: string; readonly username?: string; readonly password?: string }
  /** Elasticsearch or OpenSearch; without `url` there is no such sink. */
  readonly elasticsearch: {
    readonly url?: string
    readonly username?: string
    readonly password?: string
    readonly apiKey?: string
    readonly indexPrefix: string
    readonly shards: number
    readonly replicas: number
  }
  /** A Splunk HTTP event collector; without `url` there is no such sink. */
  readonly splunk: { readonly url?: string; readonly token?: string; readonly index: string }
  /** A server or cluster of Redis; without `url` there is no such sink. */
  readonly redis: {
    readonly url?: string
    readonly cluster: boolean
    readonly username?: string
    readonly password?: string
    readonly tlsCaFile?: string
    readonly tlsCertFile?: string
    readonly tlsKeyFile?: string
    readonly streamPrefix: string
  }
  /** Documents as files of lines; without `directory` there is no such sink. */
  readonly files: { readonly directory?: string }
  /** Where local state lives, and whether a start may leave rows of stores behind. */
  readonly state: { readonly directory: string; readonly allowLoss: boolean }
  /** The server for probes, metrics and status; beyond loopback it needs the token. */
  readonly ops: {
    readonly host: string
    readonly port: number
    readonly advertisedHost?: string
    readonly token?: string
  }
  /** Where spans are sent; without `url` nothing is traced. */
  readonly traces: {
    readonly url?: string
    readonly sampleRatio: number
    readonly serviceName?: string
    readonly headers?: string
  }
  /** Where commands that change something are recorded. */
  readonly audit: { readonly topic: string }
  /** Where records go that fail, while processing continues; unset: the first one ends the process. */
  readonly deadLetterTopic?: string
  /** Stream threads that share the tasks. */
  readonly threads: number
  /** Where they run: each in a worker thread of Node, or all on one event loop. */
  readonly threadKind: 'auto' | 'worker' | 'event-loop'
  /** Time between commits. */
  readonly commitIntervalMs: number
  /** What a crash does to results in Kafka: repeats some of them, or none. */
  readonly processingGuarantee: 'at-least-once' | 'exactly-once'
  /** How long the cluster keeps a transaction open. */
  readonly transactionTimeoutMs: number
  /** Memory of the process, in MiB; 0: the limit of the container. */
  readonly memoryMegabytesMax: number
  /** Memory of the record caches of all threads, in bytes; 0: no caches. */
  readonly cacheBytesMax?: number | undefined
  /** Windows end with the wall clock after so long without input; 0: never. */
  readonly windowIdleMs: number
  /** Time from the signal to the exit. */
  readonly drainTimeoutMs: number
  /** The least level that is logged. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}
