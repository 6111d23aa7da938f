/** The JSON forms of a scenario, as the oracle writes them. */
export type VectorType =
  | 'string'
  | 'long'
  | 'json'
  | { readonly windowed: VectorType; readonly size: number }
  | { readonly session: VectorType }

export interface VectorMaterialized {
  readonly name?: string
  readonly storeType?: string
  readonly versioned?: number
  readonly lru?: number
  readonly retention?: number
  readonly caching?: boolean
  readonly logging?: boolean
  readonly logConfig?: Readonly<Record<string, string>>
}

export interface VectorWindow {
  readonly type?: 'time' | 'sliding' | 'session' | 'unlimited'
  readonly size?: number
  readonly advance?: number
  readonly grace?: number
  readonly diff?: number
  readonly gap?: number
  readonly start?: number
  readonly before?: number
  readonly after?: number
}

interface VectorBranch {
  readonly id: string
  readonly pred: string
  readonly name?: string
}

/** One step of a topology; which members are there depends on `op`. */
export interface VectorStep {
  readonly op: string
  readonly id?: string
  readonly in?: string | readonly string[]
  readonly with?: string
  readonly name?: string
  readonly named?: string
  readonly topic?: string
  readonly topics?: readonly string[]
  readonly topicFn?: string
  readonly pattern?: string
  readonly key?: VectorType
  readonly value?: VectorType
  readonly extractor?: string
  readonly offsetReset?: 'earliest' | 'latest'
  readonly materialized?: VectorMaterialized
  readonly type?: string
  readonly history?: number
  readonly segment?: number
  readonly retention?: number
  readonly size?: number
  readonly retainDuplicates?: boolean
  readonly storeType?: string
  readonly logging?: boolean
  readonly caching?: boolean
  readonly pred?: string
  readonly keyFn?: string
  readonly valueFn?: string
  readonly fn?: string
  readonly fkFn?: string
  readonly branches?: readonly VectorBranch[]
  readonly default?: { readonly id: string; readonly name?: string }
  readonly grouped?: string
  readonly window?: VectorWindow
  readonly emit?: 'update' | 'close'
  readonly reducer?: string
  readonly subtractor?: string
  readonly agg?: string
  readonly streams?: readonly { readonly in: string; readonly agg: string }[]
  readonly joiner?: string
  readonly streamJoined?: {
    readonly name?: string
    readonly storeName?: string
    readonly storeType?: string
    readonly logging?: boolean
  }
  readonly joined?: { readonly name?: string; readonly grace?: number }
  readonly tableJoined?: string
  readonly partitions?: number
  readonly until?: 'windowCloses' | 'timeLimit'
  readonly limit?: number
  readonly buffer?: { readonly maxRecords?: number; readonly maxBytes?: number; readonly full?: string }
  readonly processor?: string
  readonly processors?: readonly string[]
  readonly args?: Readonly<Record<string, unknown>>
  readonly stores?: readonly string[]
  readonly parents?: readonly string[]
}

export interface VectorConfig {
  readonly optimize?: 'all' | 'none'
  readonly storeType?: string
  readonly cacheBytes?: number
  readonly joinEmitIntervalMs?: number
  readonly windowEmitIntervalMs?: number
  readonly deserialization?: 'fail' | 'continue'
  readonly processing?: 'fail' | 'continue'
  readonly deadLetterTopic?: string
  readonly explicitNaming?: boolean
  readonly wallClockStart?: number
  readonly captureInternal?: boolean
  readonly processorApi?: boolean
  readonly extractor?: string
}

export interface VectorTopic {
  readonly name: string
  readonly partitions?: number
  readonly config: Readonly<Record<string, string>>
}

export interface VectorSubtopology {
  readonly id: number
  readonly sources: readonly string[]
  readonly sinks: readonly string[]
  readonly repartition: readonly VectorTopic[]
  readonly changelogs: readonly VectorTopic[]
}

export interface VectorError {
  readonly phase: 'build' | 'start' | 'process'
  readonly step?: number
  readonly class: string
  readonly causes?: readonly string[]
  readonly message?: string
}

export type VectorHeaders = readonly (readonly [string, string | null])[]

/** What came out: typed on an output topic, bytes in hex on an internal or dead letter topic. */
export interface VectorRecord {
  readonly step: number
  readonly key?: unknown
  readonly value?: unknown
  readonly keyHex?: string | null
  readonly valueHex?: string | null
  /** null: the producer's clock decides (Java's buffers log without a timestamp). */
  readonly timestamp: number | null
  readonly headers?: VectorHeaders
}

export interface VectorStore {
  readonly type: string
  /** As a multiset; absent for internal stores. */
  readonly rows?: readonly unknown[]
}

export interface VectorTypes {
  readonly key: VectorType
  readonly value: VectorType
}

/** Everything that a run shows. A failed run has neither stores nor a dropped count, and an unbuilt one no structure. */
export interface VectorResult {
  readonly outputs?: Readonly<Record<string, readonly VectorRecord[]>>
  readonly stores?: Readonly<Record<string, VectorStore>>
  readonly describe?: string
  readonly subtopologies?: readonly VectorSubtopology[]
  readonly dropped?: number
  readonly internal?: Readonly<Record<string, readonly VectorRecord[]>>
  readonly error?: VectorError
}

export interface VectorPipe {
  readonly topic: string
  readonly key?: unknown
  readonly value?: unknown
  readonly keyHex?: string
  readonly valueHex?: string
  readonly timestamp: number
  readonly headers?: VectorHeaders
}

export interface Vector {
  readonly name: string
  readonly family: string
  readonly about?: string
  readonly quirk?: string
  readonly config: VectorConfig
  readonly topology: readonly VectorStep[]
  readonly steps: readonly ({ readonly pipe: VectorPipe } | { readonly advanceWallClock: number })[]
  readonly types: Readonly<
    Record<string, { readonly kind: string; readonly key?: VectorType; readonly value?: VectorType }>
  >
  readonly topics: {
    readonly inputs: Readonly<Record<string, VectorTypes>>
    readonly outputs: Readonly<Record<string, VectorTypes>>
  }
  readonly expect: VectorResult
}
