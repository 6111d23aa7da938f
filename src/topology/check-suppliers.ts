import type { NodeDraft } from './assembly.ts'
import { ignoreRejection } from '../core/no-promise.ts'
import { illegalArgument } from './build-error.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from './processor-api.ts'
import type { CustomStoreSpec, StoreSpec } from '../stores/store-spec.ts'

/**
 * Refuses suppliers that hand out one processor twice: each task has its own, or tasks write into each other's stores.
 * Called once, when the topology is built; suppliers of a processor wrapper are asked as well.
 */
export function checkSuppliers(nodes: Iterable<NodeDraft>): void {
  for (const node of nodes) {
    if (node.kind !== 'processor') continue
    const { name, operator } = node
    if ('supplier' in operator) checkSupplier(name, operator.supplier)
  }
}

function checkSupplier(name: string, supplier: AnyProcessorSupplier | AnyFixedKeyProcessorSupplier): void {
  if (typeof (supplier as Partial<AnyProcessorSupplier> | null)?.create !== 'function') {
    throw illegalArgument(`processor ${name} is given no supplier: pass { create: () => a new processor }`)
  }
  const first = created(name, supplier)
  if (first !== created(name, supplier)) return
  throw illegalArgument(
    `the supplier of processor ${name} returned the same object twice: create() must return a new processor each time, because each task needs its own`,
  )
}

function created(name: string, supplier: AnyProcessorSupplier | AnyFixedKeyProcessorSupplier): unknown {
  const processor: { readonly process?: unknown } | null | undefined = supplier.create()
  if (typeof processor?.process === 'function') return processor
  ignoreRejection(processor)
  throw illegalArgument(`create() of processor ${name} made no processor: it must return an object that has process()`)
}

/**
 * Refuses custom stores whose `create` returns one object twice: two tasks with one store would write into each other's
 * changelog. Called once, when the topology is built.
 */
export function checkCustomStores(specs: Iterable<StoreSpec>): void {
  for (const spec of specs) {
    if (spec.kind !== 'custom') continue
    if (typeof (spec as Partial<CustomStoreSpec>).create !== 'function') {
      throw illegalArgument(`store ${spec.name} is given no create(): pass create: () => a new store`)
    }
    if (createdStore(spec) !== createdStore(spec)) continue
    throw illegalArgument(
      `create() of store ${spec.name} returned the same object twice: it must return a new store each time, because each task needs its own`,
    )
  }
}

function createdStore(spec: CustomStoreSpec): object {
  const store: unknown = spec.create()
  if (typeof store === 'object' && store !== null) return store
  throw illegalArgument(`create() of store ${spec.name} made no store: it must return an object`)
}
