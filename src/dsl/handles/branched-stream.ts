import type { Predicate, ValueGuard } from '../function-types.ts'
import type { KStream } from './k-stream.ts'

type Named<Name extends string, Stream> = { readonly [name in Name]: Stream }

/**
 * split(): each record goes to the first branch whose predicate is true. A branch is known by its name; without a name,
 * by its number ('1', '2', …; the default branch is '0'). A branch with a type guard has the type of the guard, and the
 * branches after it have the remaining types.
 */
export interface BranchedStream<K, V, HasKey extends boolean, HasValue extends boolean, Taken = unknown> {
  /**
   * Adds a branch for the records that no earlier branch took and for which the predicate is true. `name` is the member of
   * the result; without it, the branch is known by its number, beginning with `'1'`.
   */
  branch<Kept extends V, const Name extends string = never>(
    predicate: ValueGuard<K, V, Kept>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, Exclude<V, Kept>, HasKey, HasValue, Taken & Named<Name, KStream<K, Kept, HasKey, HasValue>>>
  branch<const Name extends string = never>(
    predicate: Predicate<K, V>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, V, HasKey, HasValue, Taken & Named<Name, KStream<K, V, HasKey, HasValue>>>

  /** Adds a branch for the records that no other branch took; returns all branches by name. */
  defaultBranch<const Name extends string = '0'>(options?: {
    readonly name?: Name | undefined
  }): Taken & Named<Name, KStream<K, V, HasKey, HasValue>>

  /** Drops the records that no branch took; returns the branches by name. */
  noDefaultBranch(): Taken
}
