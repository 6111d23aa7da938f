import type { Serde } from '../serde/serde.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import type { GroupedStreamCore, StreamCore } from './core.ts'
import { type NameOption, nameOf } from './common-options.ts'

interface GroupingOptions extends NameOption {
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
}

/**
 * groupBy(): appends one select-key node. The repartition that it makes necessary is appended by the first aggregation.
 */
export function groupByKeyMapped(
  core: StreamCore,
  mapper: KeyMapper,
  options: GroupingOptions | undefined,
): GroupedStreamCore {
  const { graph } = core.dsl
  const given = nameOf(options)
  const name = graph.names.orGenerated(given, 'KSTREAM-KEY-SELECT-')
  const place = graph.append(core.place, processorNode(name, { kind: 'select-key', mapper }, { changesKey: true }))
  const key = options?.key
  return grouped({ ...core, place, name, key, repartitionRequired: true }, given, options)
}

/** groupByKey(): appends nothing; an aggregation repartitions only if the key has changed since the source. */
export function groupByCurrentKey(core: StreamCore, options: GroupingOptions | undefined): GroupedStreamCore {
  return grouped(core, nameOf(options), options)
}

function grouped(
  core: StreamCore,
  topicName: string | undefined,
  options: GroupingOptions | undefined,
): GroupedStreamCore {
  return Object.freeze({ ...core, key: options?.key ?? core.key, value: options?.value ?? core.value, topicName })
}
