import { illegalArgument } from '../topology/build-error.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier } from '../topology/processor-api.ts'
import type { TableCore } from './core.ts'
import { joinByForeignKey } from './foreign-key-join.ts'
import { type AnyFunction, erased, joinerKeyFirst, keyFirst } from './function-types.ts'
import { Handle } from './handle.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { TableOptions } from './handle-options.ts'
import type { KTable } from './handles/k-table.ts'
import type { NameOption } from './common-options.ts'
import type { ProcessOptions } from './stream-processors.ts'
import { type Suppressed, suppressTable } from './suppress.ts'
import { joinTables } from './table-table-join.ts'
import { filterTable, groupTable, mapTableValues, tableToStream, transformTableValues } from './table-operators.ts'

type Options = TableOptions<unknown, unknown>

/** A `KTable`. */
export class TableHandle extends Handle<TableCore> implements Members<KTable<unknown, unknown>> {
  readonly kind = 'table'
  readonly #make: HandleFactory

  constructor(core: TableCore, make: HandleFactory) {
    super(core)
    this.#make = make
  }

  get storeName(): string | undefined {
    return this.held.storeName
  }

  filter(predicate: AnyFunction, options?: Options): unknown {
    return this.#make.table(filterTable(this.held, { predicate: erased(predicate), not: false }, options))
  }

  filterNot(predicate: AnyFunction, options?: Options): unknown {
    return this.#make.table(filterTable(this.held, { predicate: erased(predicate), not: true }, options))
  }

  mapValues(mapper: AnyFunction, options?: Options): unknown {
    return this.#make.table(mapTableValues(this.held, keyFirst(mapper), options))
  }

  transformValues(supplier: AnyFixedKeyProcessorSupplier, options?: ProcessOptions & Options): unknown {
    return this.#make.table(transformTableValues(this.held, supplier, options))
  }

  toStream(...given: readonly unknown[]): unknown {
    const [keyOf, options] = typeof given[0] === 'function' ? given : [undefined, given[0]]
    return this.#make.stream(
      tableToStream(this.held, keyOf as KeyMapper | undefined, options as NameOption | undefined),
    )
  }

  suppress(until: Suppressed): unknown {
    return this.#make.table(suppressTable(this.held, until))
  }

  groupBy(mapper: AnyFunction, options: Parameters<typeof groupTable>[2]): unknown {
    return this.#make.groupedTable(groupTable(this.held, erased(mapper), options))
  }

  join(other: unknown, joiner: AnyFunction, options?: Options): unknown {
    return this.#make.table(joinTables(this.held, tableOf(other), 'inner', joinerKeyFirst(joiner), options))
  }

  leftJoin(other: unknown, joiner: AnyFunction, options?: Options): unknown {
    return this.#make.table(joinTables(this.held, tableOf(other), 'left', joinerKeyFirst(joiner), options))
  }

  outerJoin(other: unknown, joiner: AnyFunction, options?: Options): unknown {
    return this.#make.table(joinTables(this.held, tableOf(other), 'outer', joinerKeyFirst(joiner), options))
  }

  foreignKeyJoin(other: unknown, foreignKey: AnyFunction, joiner: AnyFunction, options?: Options): unknown {
    return this.#joinByForeignKey('inner', other, foreignKey, joiner, options)
  }

  foreignKeyLeftJoin(other: unknown, foreignKey: AnyFunction, joiner: AnyFunction, options?: Options): unknown {
    return this.#joinByForeignKey('left', other, foreignKey, joiner, options)
  }

  #joinByForeignKey(
    join: 'inner' | 'left',
    other: unknown,
    foreignKey: AnyFunction,
    joiner: AnyFunction,
    options: Options | undefined,
  ): unknown {
    const joined = joinerKeyFirst(joiner)
    return this.#make.table(joinByForeignKey(this.held, tableOf(other), join, erased(foreignKey), joined, options))
  }
}

function tableOf(handle: unknown): TableCore {
  const table = Handle.heldBy<TableCore>(handle)
  if (table !== undefined && (handle as TableHandle).kind === 'table') return table
  throw illegalArgument('a table is joined with something that is not a table: pass a table of the builder')
}
