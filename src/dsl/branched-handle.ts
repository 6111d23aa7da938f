import { shown } from '../core/shown.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { GraphPlace } from '../topology/graph.ts'
import { type ProcessorLogical, processorNode } from '../topology/logical-node.ts'
import type { Predicate } from '../topology/operator-spec.ts'
import type { StreamCore } from './core.ts'
import { type AnyFunction, erased } from './function-types.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { BranchedStream } from './handles/branched-stream.ts'
import { type NameOption, nameOf } from './common-options.ts'

interface Branch {
  readonly predicate: Predicate | undefined
  readonly child: string
}

/** A `BranchedStream`. Its node is replaced with each branch. */
export class BranchedHandle implements Members<BranchedStream<unknown, unknown, boolean, boolean>> {
  readonly #source: StreamCore
  readonly #make: HandleFactory
  readonly #name: string
  readonly #place: GraphPlace
  readonly #streams: Record<string, unknown> = {}
  #branches: readonly Branch[] = []
  #predicates = 0

  constructor(source: StreamCore, make: HandleFactory, options: NameOption | undefined) {
    const { graph } = source.dsl
    this.#source = source
    this.#make = make
    this.#name = graph.names.orGenerated(nameOf(options), 'KSTREAM-BRANCH-')
    this.#place = graph.append(source.place, this.#node())
  }

  branch(predicate: AnyFunction, options?: NameOption): this {
    if (typeof predicate !== 'function')
      throw illegalArgument(`the predicate of a branch of ${this.#name} is ${shown(predicate)}: pass a function`)
    this.#predicates += 1
    this.#add(erased(predicate), options?.name, this.#predicates)
    return this
  }

  defaultBranch(options?: NameOption): unknown {
    this.#add(undefined, options?.name, 0)
    return this.noDefaultBranch()
  }

  noDefaultBranch(): unknown {
    return Object.freeze({ ...this.#streams })
  }

  #add(predicate: Predicate | undefined, name: string | undefined, index: number): void {
    const { graph } = this.#source.dsl
    const suffix = name ?? String(index)
    const child = this.#name + suffix
    this.#branches = Object.freeze([...this.#branches, { predicate, child }])
    graph.replace(this.#place, this.#node())
    graph.names.processor(child)
    const place = graph.append(this.#place, processorNode(child, { kind: 'pass-through' }))
    this.#streams[suffix] = this.#make.stream({ ...this.#source, place, name: child })
  }

  #node(): ProcessorLogical {
    return processorNode(this.#name, { kind: 'branch', branches: this.#branches })
  }
}
