import type { GroupedStreamCore, GroupedTableCore, StreamCore, TableCore } from './core.ts'
import type { KGroupedStream } from './handles/k-grouped-stream.ts'
import type { KGroupedTable } from './handles/k-grouped-table.ts'
import type { KStream } from './handles/k-stream.ts'
import type { KTable } from './handles/k-table.ts'

/** Makes handles, so that their classes need not import each other. */
export interface HandleFactory {
  stream<K, V, HasKey extends boolean, HasValue extends boolean>(core: StreamCore): KStream<K, V, HasKey, HasValue>
  table<K, V, HasKey extends boolean, HasValue extends boolean, Deleted extends null>(
    core: TableCore,
  ): KTable<K, V, HasKey, HasValue, Deleted>
  groupedStream<K, V, HasValue extends boolean>(core: GroupedStreamCore): KGroupedStream<K, V, HasValue>
  groupedTable<K, V>(core: GroupedTableCore): KGroupedTable<K, V>
}

/** The members of a handle, without their types: those are in `handles.ts`, and were checked at the door. */
export type Members<HandleType> = { readonly [name in Exclude<keyof HandleType, 'types' | 'knowsSerdes'>]: unknown }
