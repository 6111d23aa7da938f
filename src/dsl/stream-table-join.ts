import type { Serde } from '../serde/serde.ts'
import { illegalArgument } from '../topology/build-error.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { Joiner } from '../topology/operator-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import { storesOfView } from '../topology/table-lineage.ts'
import { copartition } from './copartition.ts'
import type { HeldStream, StreamCore, TableCore } from './core.ts'
import { type NameOption, nameOf } from './common-options.ts'
import { repartitionForJoin } from './stream-repartition.ts'

export interface StreamTableJoinSettings extends NameOption {
  readonly key?: Serde<unknown> | undefined
  readonly value?: Serde<unknown> | undefined
  readonly graceMs?: number | undefined
}

/**
 * Joins a stream with a table: appends a repartition if the key of the stream has changed, and a stream-table-join
 * node, with a buffer if there is a grace. The table's side gets no node: the join reads its rows.
 */
export function joinStreamTable(
  held: HeldStream,
  table: TableCore,
  join: 'inner' | 'left',
  joiner: Joiner,
  settings: StreamTableJoinSettings | undefined,
): StreamCore {
  const given = nameOf(settings)
  const serdes = { key: settings?.key, value: settings?.value }
  const { core } = held
  const left = core.repartitionRequired ? repartitionForJoin(held, given ?? core.name, serdes) : core
  const { dsl } = left
  const { graph } = dsl
  const sources = copartition([left, table])
  const name = graph.names.orGenerated(given, join === 'left' ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-')
  const view = graph.needs.view(table.lineage)
  const key = settings?.key ?? left.key
  const graceMs = settings?.graceMs
  const buffer =
    graceMs === undefined
      ? undefined
      : addBuffer(left, table, name, graceMs, { key, value: settings?.value ?? left.value })
  const grace = graceMs === undefined || buffer === undefined ? undefined : { graceMs, buffer }
  const node = processorNode(
    name,
    { kind: 'stream-table-join', join, joiner, table: view, grace },
    {
      connects: [...(buffer === undefined ? [] : [buffer]), ...storesOfView(view)],
      acceptsNullKeys: join === 'left',
      ...(graceMs === undefined ? {} : { graceMs }),
    },
  )
  const place = graph.append(left.place, node)
  return Object.freeze({ dsl, place, name, key, value: undefined, sources, repartitionRequired: false })
}

/** Stream records wait in this store until the grace is over. */
function addBuffer(
  left: StreamCore,
  table: TableCore,
  name: string,
  graceMs: number,
  serdes: Pick<StoreDraft, 'key' | 'value'>,
): string {
  const { graph } = left.dsl
  if (graph.node(table.place).outputVersioned === false) {
    throw illegalArgument(
      `join ${name} has a grace of ${graceMs} ms, so its table must be versioned: set versionedHistoryMs on it`,
    )
  }
  const store: StoreDraft = {
    kind: 'join-grace-buffer',
    name: `${name}-Buffer`,
    engine: 'disk',
    caching: false,
    changelog: { topic: undefined, configs: {} },
    graceMs,
    ...serdes,
  }
  graph.append(graph.root, { kind: 'state-store', name: store.name, store })
  return store.name
}
