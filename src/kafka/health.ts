import type { TopicPartition } from './places.ts'

/** How the cluster answers this client: a snapshot of what is known, taken without a request. */
export interface KafkaHealth {
  /** The brokers of the metadata; before the first metadata those of the bootstrap list. */
  readonly brokers: readonly BrokerHealth[]
  /** Partitions in use that have no leader, and for how long. */
  readonly leaderless: readonly (TopicPartition & { readonly forMs: number })[]
}

export interface BrokerHealth {
  /** undefined for an address of the bootstrap list that has not said who it is. */
  readonly nodeId: number | undefined
  /** `host:port`. */
  readonly address: string
  readonly isConnected: boolean
  /**
   * How long nothing has worked: dials fail, connections break, or a request waits without a sign. undefined: it is
   * well.
   */
  readonly failingForMs: number | undefined
  /** Of the last failure; undefined while it is well. */
  readonly lastErrorCode: string | undefined
  readonly requestsInFlight: number
}
