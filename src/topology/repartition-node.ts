import type { Serde } from '../serde/serde.ts'
import type { RepartitionLogical } from './logical-node.ts'
import type { NameGenerator } from './names.ts'
import type { StreamPartitioner } from './node.ts'

const topicSuffix = '-repartition'

/** How a stream is repartitioned; serdes that are undefined come from the builder's defaults. */
export interface RepartitionOptions {
  /** The topic's name without its suffix. */
  readonly prefix: string
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  readonly optimizable: boolean
  readonly partitions?: number | undefined
  readonly partitioner?: StreamPartitioner | undefined
}

/** A repartition with Kafka Streams' names: numbered behind a generated prefix, suffixed behind a given one. */
export function repartitionNode(names: NameGenerator, options: RepartitionOptions): RepartitionLogical {
  const { prefix } = options
  const topic = prefix.endsWith(topicSuffix) ? prefix : prefix + topicSuffix
  const sink = names.processor('KSTREAM-SINK-')
  const filter = names.processor('KSTREAM-FILTER-')
  const source = names.processor('KSTREAM-SOURCE-')
  const generated = /^KSTREAM.*-[0-9]{10}$/.test(prefix)
  return Object.freeze({
    kind: 'repartition',
    name: generated ? source : `${topic}-source`,
    sinkName: generated ? sink : `${topic}-sink`,
    filterName: generated ? filter : `${topic}-filter`,
    topic,
    optimizable: options.optimizable,
    partitions: options.partitions,
    dropsNullKeys: false,
    key: options.key,
    value: options.value,
    partitioner: options.partitioner,
  })
}
