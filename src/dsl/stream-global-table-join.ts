import { processorNode } from '../topology/logical-node.ts'
import type { Joiner, KeyMapper, TableView } from '../topology/operator-spec.ts'
import { type NameOption, nameOf } from './common-options.ts'
import type { StreamCore } from './core.ts'

/**
 * Appends the join of a stream with a global table: one node that looks rows up in the global store. Nothing is
 * repartitioned, as every process has the whole table; the key of the stream stays.
 */
export function joinStreamGlobalTable(
  core: StreamCore,
  view: TableView,
  join: 'inner' | 'left',
  keyMapper: KeyMapper,
  joiner: Joiner,
  options: NameOption | undefined,
): StreamCore {
  const { graph } = core.dsl
  const name = graph.names.orGenerated(nameOf(options), 'KSTREAM-LEFTJOIN-')
  const node = processorNode(
    name,
    { kind: 'stream-global-table-join', join, keyMapper, joiner, table: view },
    { acceptsNullKeys: join === 'left' },
  )
  return Object.freeze({ ...core, place: graph.append(core.place, node), name, value: undefined })
}
