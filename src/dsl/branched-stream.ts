import { shown } from '../core/shown.ts'
import { illegalArgument } from '../topology/build-error.ts'
import { plainProcessor } from '../topology/logical-node.ts'
import type { Predicate as PredicateSpec } from '../topology/operator-spec.ts'
import { erased, type Predicate, type ValueGuard } from './function-types.ts'
import type { StreamCore } from './handles.ts'
import type { KStream } from './kstream.ts'
import { type NameOption, nameOf } from './options.ts'

type Named<Name extends string, Stream> = { readonly [name in Name]: Stream }

interface Branch {
  readonly predicate: PredicateSpec | undefined
  readonly child: string
}

/**
 * split(): each record goes to the first branch whose predicate holds. Branches are known by the names they are given,
 * else by their number ('1', '2', …; the default branch is '0'). Behind a type guard the branch has the type that it
 * keeps, and the branches after it have the rest.
 */
export class BranchedStream<K, V, HasKey extends boolean, HasValue extends boolean, Taken = unknown> {
  readonly #core: StreamCore
  readonly #name: string
  readonly #branches: Branch[] = []
  readonly #streams: Record<string, unknown> = {}
  #predicates = 0

  constructor(source: StreamCore, options: NameOption | undefined) {
    const { graph } = source.dsl
    this.#name = graph.names.orGenerated(nameOf(options), 'KSTREAM-BRANCH-')
    const branches = this.#branches
    const node = plainProcessor(
      this.#name,
      { kind: 'branch', branches: [] },
      {
        operator: () => ({ kind: 'branch', branches: Object.freeze([...branches]) }),
      },
    )
    this.#core = { ...source, place: graph.append(source.place, node) }
  }

  branch<Kept extends V, const Name extends string = never>(
    predicate: ValueGuard<K, V, Kept>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, Exclude<V, Kept>, HasKey, HasValue, Taken & Named<Name, KStream<K, Kept, HasKey, HasValue>>>
  branch<const Name extends string = never>(
    predicate: Predicate<K, V>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, V, HasKey, HasValue, Taken & Named<Name, KStream<K, V, HasKey, HasValue>>>
  branch(predicate: Predicate<K, V>, options?: { readonly name?: string | undefined }): unknown {
    if (typeof predicate !== 'function')
      throw illegalArgument(`The predicate of a branch of ${this.#name} is ${shown(predicate)}; pass a function`)
    this.#predicates += 1
    this.#add(erased(predicate), options?.name, this.#predicates)
    return this
  }

  /** Takes what no other branch took; the branches by name. */
  defaultBranch<const Name extends string = '0'>(options?: {
    readonly name?: Name | undefined
  }): Taken & Named<Name, KStream<K, V, HasKey, HasValue>> {
    this.#add(undefined, options?.name, 0)
    return this.noDefaultBranch() as never
  }

  /** Drops what no branch took; the branches by name. */
  noDefaultBranch(): Taken {
    return Object.freeze({ ...this.#streams }) as never
  }

  #add(predicate: PredicateSpec | undefined, name: string | undefined, index: number): void {
    const { dsl } = this.#core
    const suffix = name ?? String(index)
    const child = this.#name + suffix
    this.#branches.push({ predicate, child })
    dsl.graph.names.processor(child)
    const place = dsl.graph.append(this.#core.place, plainProcessor(child, { kind: 'pass-through' }))
    this.#streams[suffix] = dsl.handles.stream({ ...this.#core, place, name: child })
  }
}
