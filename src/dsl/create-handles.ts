import { GroupedStreamHandle } from './grouped-stream-handle.ts'
import { GroupedTableHandle } from './grouped-table-handle.ts'
import type { HandleFactory } from './handle-factory.ts'
import { StreamHandle } from './stream-handle.ts'
import { TableHandle } from './table-handle.ts'

/** The classes behind `handles.ts`, picked in one place; the casts give them the types that users see. */
export const handles: HandleFactory = Object.freeze<HandleFactory>({
  stream: (core) => new StreamHandle(core, handles) as never,
  table: (core) => new TableHandle(core, handles) as never,
  groupedStream: (core) => new GroupedStreamHandle(core, handles) as never,
  groupedTable: (core) => new GroupedTableHandle(core, handles) as never,
})
