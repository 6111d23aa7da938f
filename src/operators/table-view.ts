import { assertNever } from '../core/assert.ts'
import type {
  SessionStore,
  SuppressBuffer,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  ValueAndTimestamp,
  VersionedKeyValueStore,
  Windowed,
} from '../stores/port.ts'
import type { TableView } from '../topology/operator-spec.ts'
import type { OperatorContext } from './operator.ts'
import { openValueTransformer } from './value-transformer.ts'

/** A row as its reader sees it; the timestamp is -1 where the table knows none. */
export type Row = ValueAndTimestamp<unknown>

/**
 * Reads rows of a table: from its store, or through the operators that make it from stored tables (Java's
 * KTableValueGetter).
 */
export interface TableReader {
  readonly versioned: boolean
  get(key: unknown): Row | undefined
  /** The row as of a time; only where `versioned`. */
  getAsOf(key: unknown, timestampMs: number): Row | undefined
  close(): void
}

/** Opens the stores of a view; the node of `context` must be connected to all of them. */
export function openTableView(view: TableView, context: OperatorContext): TableReader {
  switch (view.kind) {
    case 'store':
      return storeReader(view, context)
    case 'window-store':
      return windowReader(context.store(view.store) as TimestampedWindowStore<unknown, unknown>)
    case 'session-store':
      return sessionReader(context.store(view.store) as SessionStore<unknown, unknown>)
    case 'filter':
      return derived(openTableView(view.source, context), (key, row) =>
        row !== undefined && Boolean(view.predicate(key, row.value)) !== view.not ? row : undefined,
      )
    case 'map-values':
      return derived(
        openTableView(view.source, context),
        (key, row) => row && present(view.mapper(key, row.value), row),
      )
    case 'transform-values':
      return transformReader(view, context)
    case 'table-table-join':
      return joinReader(view, context)
    case 'suppress':
      return suppressReader(view, context)
    default:
      return assertNever(view)
  }
}

/** null is no row. */
function present(value: unknown, row: { readonly timestamp: number }): Row | undefined {
  return value == null ? undefined : { value, timestamp: row.timestamp }
}

/** Reads the rows of another table and derives each of them; nothing is stored. */
function derived(source: TableReader, derive: (key: unknown, row: Row | undefined) => Row | undefined): TableReader {
  return {
    versioned: source.versioned,
    get: (key) => derive(key, source.get(key)),
    getAsOf: (key, timestampMs) => derive(key, source.getAsOf(key, timestampMs)),
    close: () => source.close(),
  }
}

function unversioned(get: (key: unknown) => Row | undefined, close: () => void = () => {}): TableReader {
  return { versioned: false, get, getAsOf: get, close }
}

function storeReader(view: Extract<TableView, { kind: 'store' }>, context: OperatorContext): TableReader {
  const store = context.store(view.store)
  if (!view.versioned) {
    const rows = store as TimestampedKeyValueStore<unknown, unknown>
    return unversioned((key) => rows.get(key))
  }
  const versions = store as VersionedKeyValueStore<unknown, unknown>
  return {
    versioned: true,
    get: (key) => versions.get(key),
    getAsOf: (key, timestampMs) => versions.getAsOf(key, timestampMs),
    close: () => {},
  }
}

function windowReader(store: TimestampedWindowStore<unknown, unknown>): TableReader {
  return unversioned((key) => {
    const windowed = key as Windowed<unknown>
    return store.get(windowed.key, windowed.window.startMs)
  })
}

function sessionReader(store: SessionStore<unknown, unknown>): TableReader {
  return unversioned((key) => {
    const { key: inner, window } = key as Windowed<unknown>
    return present(store.fetchSession(inner, window.startMs, window.endMs), { timestamp: window.endMs })
  })
}

/** Runs the processor outside of the current record, as Java does when a join reads a transformed table. */
function transformReader(
  view: Extract<TableView, { kind: 'transform-values' }>,
  context: OperatorContext,
): TableReader {
  const source = openTableView(view.source, context)
  const transformer = openValueTransformer(view.supplier, context)
  const transform = (key: unknown, row: Row | undefined): Row | undefined => {
    const timestamp = row?.timestamp ?? -1
    return present(transformer.transformDetached(key, row?.value ?? null, timestamp), { timestamp })
  }
  return {
    ...derived(source, transform),
    close: () => {
      source.close()
      transformer.close()
    },
  }
}

/** Joins the current rows of both tables; the later timestamp is that of the row. */
function joinReader(view: Extract<TableView, { kind: 'table-table-join' }>, context: OperatorContext): TableReader {
  const left = openTableView(view.left, context)
  const right = openTableView(view.right, context)
  const join = (key: unknown): Row | undefined => {
    const leftRow = left.get(key)
    if (leftRow === undefined && view.join !== 'outer') return undefined
    const rightRow = right.get(key)
    if (rightRow === undefined && (view.join === 'inner' || leftRow === undefined)) return undefined
    const timestamp = Math.max(leftRow?.timestamp ?? -1, rightRow?.timestamp ?? -1)
    return present(view.joiner(key, leftRow?.value ?? null, rightRow?.value ?? null), { timestamp })
  }
  return unversioned(join, () => {
    left.close()
    right.close()
  })
}

/** A row that is held back is read as it was before the change that is held. */
function suppressReader(view: Extract<TableView, { kind: 'suppress' }>, context: OperatorContext): TableReader {
  const source = openTableView(view.source, context)
  const buffer = context.store(view.buffer) as SuppressBuffer<unknown, unknown>
  const read = (key: unknown): Row | undefined =>
    buffer.has(key) ? present(buffer.priorValue(key), { timestamp: -1 }) : source.get(key)
  return unversioned(read, () => source.close())
}
