import type { Serde } from '../serde/serde.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { StreamPartitioner, TopicNameExtractor } from '../topology/node.ts'
import type { StreamCore } from './core.ts'
import { type NameOption, nameOf } from './common-options.ts'

export interface SinkSettings extends NameOption {
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
  readonly partitioner?: StreamPartitioner | undefined
}

/** to(): ends in a topic, fixed or chosen for each record. */
export function sinkStream(
  core: StreamCore,
  topic: string | TopicNameExtractor,
  options: SinkSettings | undefined,
): void {
  const { graph } = core.dsl
  const name = graph.names.orGenerated(nameOf(options), 'KSTREAM-SINK-')
  const { key = core.key, value = core.value, partitioner } = options ?? {}
  graph.append(core.place, { kind: 'sink', name, topic, key, value, partitioner })
}

/** toSink(): ends in an external system, by the name that the application gave its sink. */
export function sinkStreamExternally(core: StreamCore, sink: string, options: NameOption | undefined): void {
  const { graph } = core.dsl
  const name = graph.names.orGenerated(nameOf(options), 'KSTREAM-EXTERNAL-SINK-')
  graph.append(core.place, processorNode(name, { kind: 'external-sink', sink }))
}
