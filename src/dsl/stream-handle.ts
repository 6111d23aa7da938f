import { illegalArgument } from '../topology/build-error.ts'
import type { TopicNameExtractor } from '../topology/node.ts'
import type { KeyMapper, Predicate, TableView } from '../topology/operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from '../topology/processor-api.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import { type AsyncValueMapper, type MapAsyncOptions, mapStreamValuesAsync } from './async-map-values.ts'
import { BranchedHandle } from './branched-handle.ts'
import type { HeldStream, StreamCore, TableCore } from './core.ts'
import { type DeduplicateOptions, deduplicateStream } from './deduplicate.ts'
import { type AnyFunction, erased, joinerKeyFirst, keyFirst } from './function-types.ts'
import { Handle } from './handle.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { KStream } from './handles/k-stream.ts'
import type { NameOption } from './common-options.ts'
import { repartitionStream } from './stream-repartition.ts'
import { groupByCurrentKey, groupByKeyMapped } from './stream-group-by.ts'
import { joinStreams, type StreamJoinSettings } from './stream-stream-join.ts'
import { appendOperator, type Effect, mergeStreams } from './stream-operators.ts'
import { type ProcessOptions, processStream, processStreamValues } from './stream-processors.ts'
import { sinkStream, sinkStreamExternally } from './stream-sink.ts'
import { joinStreamGlobalTable } from './stream-global-table-join.ts'
import { joinStreamTable, type StreamTableJoinSettings } from './stream-table-join.ts'
import { streamToTable } from './stream-to-table.ts'

/** A `KStream`. */
export class StreamHandle extends Handle<HeldStream> implements Members<KStream<unknown, unknown>> {
  readonly kind = 'stream'
  readonly #core: StreamCore
  readonly #make: HandleFactory

  constructor(core: StreamCore, make: HandleFactory) {
    super({ core, repartition: { place: undefined } })
    this.#core = core
    this.#make = make
  }

  filter(predicate: AnyFunction, options?: NameOption): unknown {
    const operator = { kind: 'filter', predicate: erased<Predicate>(predicate), not: false } as const
    return this.#append('KSTREAM-FILTER-', operator, 'keeps', options)
  }

  filterNot(predicate: AnyFunction, options?: NameOption): unknown {
    const operator = { kind: 'filter', predicate: erased<Predicate>(predicate), not: true } as const
    return this.#append('KSTREAM-FILTER-', operator, 'keeps', options)
  }

  map(mapper: AnyFunction, options?: NameOption): unknown {
    return this.#append('KSTREAM-MAP-', { kind: 'map', mapper: erased(mapper) }, 'changes-both', options)
  }

  mapValues(mapper: AnyFunction, options?: NameOption): unknown {
    const operator = { kind: 'map-values', mapper: keyFirst(mapper) } as const
    return this.#append('KSTREAM-MAPVALUES-', operator, 'changes-value', options)
  }

  mapValuesAsync(mapper: AsyncValueMapper<unknown, unknown, unknown>, options?: MapAsyncOptions): unknown {
    return this.#make.stream(mapStreamValuesAsync(this.#core, mapper, options))
  }

  selectKey(mapper: AnyFunction, options?: NameOption): unknown {
    return this.#append('KSTREAM-KEY-SELECT-', { kind: 'select-key', mapper: erased(mapper) }, 'changes-key', options)
  }

  flatMap(mapper: AnyFunction, options?: NameOption): unknown {
    return this.#append('KSTREAM-FLATMAP-', { kind: 'flat-map', mapper: erased(mapper) }, 'changes-both', options)
  }

  flatMapValues(mapper: AnyFunction, options?: NameOption): unknown {
    const operator = { kind: 'flat-map-values', mapper: keyFirst(mapper) } as const
    return this.#append('KSTREAM-FLATMAPVALUES-', operator, 'changes-value', options)
  }

  peek(action: AnyFunction, options?: NameOption): unknown {
    return this.#append('KSTREAM-PEEK-', { kind: 'peek', action: erased(action), forward: true }, 'keeps', options)
  }

  foreach(action: AnyFunction, options?: NameOption): void {
    this.#append('KSTREAM-FOREACH-', { kind: 'peek', action: erased(action), forward: false }, 'keeps', options)
  }

  merge(other: unknown, options?: NameOption): unknown {
    return this.#make.stream(mergeStreams(this.#core, streamOf(other).core, options))
  }

  split(options?: NameOption): unknown {
    return new BranchedHandle(this.#core, this.#make, options)
  }

  deduplicate(options: DeduplicateOptions<unknown, unknown, unknown>): unknown {
    return this.#make.stream(deduplicateStream(this.#core, options))
  }

  process(supplier: AnyProcessorSupplier, options?: ProcessOptions): unknown {
    return this.#make.stream(processStream(this.#core, supplier, options))
  }

  processValues(supplier: AnyFixedKeyProcessorSupplier, options?: ProcessOptions): unknown {
    return this.#make.stream(processStreamValues(this.#core, supplier, options))
  }

  repartition(options?: object): unknown {
    return this.#make.stream(repartitionStream(this.#core, options))
  }

  groupBy(mapper: AnyFunction, options?: object): unknown {
    return this.#make.groupedStream(groupByKeyMapped(this.#core, erased(mapper), options))
  }

  groupByKey(options?: object): unknown {
    return this.#make.groupedStream(groupByCurrentKey(this.#core, options))
  }

  toTable(options?: object): unknown {
    return this.#make.table(streamToTable(this.#core, options))
  }

  to(topic: string | AnyFunction, options?: object): void {
    sinkStream(this.#core, typeof topic === 'string' ? topic : erased<TopicNameExtractor>(topic), options)
  }

  toSink(sink: string, options?: NameOption): void {
    sinkStreamExternally(this.#core, sink, options)
  }

  join(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('inner', other, rest)
  }

  leftJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('left', other, rest)
  }

  outerJoin(other: unknown, joiner: AnyFunction, settings: StreamJoinSettings): unknown {
    return this.#make.stream(joinStreams(this.held, streamOf(other), 'outer', joinerKeyFirst(joiner), settings))
  }

  #join(join: 'inner' | 'left', other: unknown, rest: readonly unknown[]): unknown {
    switch (kindOf(other)) {
      case 'global-table': {
        const [keyOf, joiner, options] = rest as [KeyMapper, AnyFunction, NameOption | undefined]
        const view = Handle.heldBy<TableView>(other) as TableView
        return this.#make.stream(joinStreamGlobalTable(this.#core, view, join, keyOf, joinerKeyFirst(joiner), options))
      }
      case 'table': {
        const [joiner, settings] = rest as [AnyFunction, StreamTableJoinSettings | undefined]
        const table = Handle.heldBy<TableCore>(other) as TableCore
        return this.#make.stream(joinStreamTable(this.held, table, join, joinerKeyFirst(joiner), settings))
      }
      default: {
        const [joiner, settings] = rest as [AnyFunction, StreamJoinSettings]
        return this.#make.stream(joinStreams(this.held, streamOf(other), join, joinerKeyFirst(joiner), settings))
      }
    }
  }

  #append(prefix: string, operator: OperatorDraft, effect: Effect, options: NameOption | undefined): unknown {
    return this.#make.stream(appendOperator(this.#core, prefix, operator, effect, options))
  }
}

function kindOf(handle: unknown): unknown {
  return Handle.heldBy(handle) === undefined ? undefined : (handle as { readonly kind: unknown }).kind
}

function streamOf(handle: unknown): HeldStream {
  if (kindOf(handle) === 'stream') return Handle.heldBy<HeldStream>(handle) as HeldStream
  throw illegalArgument(
    'a stream is merged or joined with something that is not a stream or table: pass a stream or table of the builder',
  )
}
