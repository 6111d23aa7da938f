import type { Serde } from '../serde/serde.ts'
import type { StreamPartitioner } from '../topology/node.ts'
import { repartitionNode } from '../topology/repartition-node.ts'
import type { HeldStream, StreamCore } from './core.ts'
import type { NameOption } from './common-options.ts'

export interface RepartitionedOptions extends NameOption {
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
  /** Default: as many as the topics upstream have. */
  readonly partitions?: number | undefined
  readonly partitioner?: StreamPartitioner | undefined
}

/** repartition(): always through a separate topic. */
export function repartitionStream(core: StreamCore, options: RepartitionedOptions | undefined): StreamCore {
  const { graph } = core.dsl
  // As in Kafka Streams this name is checked at the start only, as that of the topic.
  const prefix = options?.name ?? graph.names.processor('KSTREAM-REPARTITION-')
  const key = options?.key ?? core.key
  const value = options?.value ?? core.value
  const { partitions, partitioner } = options ?? {}
  const node = repartitionNode(graph.names, { prefix, key, value, optimizable: false, partitions, partitioner })
  const place = graph.append(core.place, node)
  return Object.freeze({
    ...core,
    place,
    name: node.name,
    key,
    value,
    sources: new Set([node.name]),
    repartitionRequired: false,
  })
}

/**
 * The repartition in front of a join. One stream joined several times goes through one topic, as long as the topic's
 * name derives from the stream.
 */
export function repartitionForJoin(
  { core, repartition }: HeldStream,
  prefix: string,
  serdes: { readonly key: Serde<unknown> | undefined; readonly value: Serde<unknown> | undefined },
): StreamCore {
  const { graph } = core.dsl
  const key = serdes.key ?? core.key
  const value = serdes.value ?? core.value
  const node = repartitionNode(graph.names, { prefix, key, value, optimizable: true })
  if (repartition.place === undefined || prefix !== core.name) repartition.place = graph.append(core.place, node)
  const { name } = graph.node(repartition.place)
  return Object.freeze({
    ...core,
    place: repartition.place,
    name,
    key,
    value,
    sources: new Set([name]),
    repartitionRequired: false,
  })
}
