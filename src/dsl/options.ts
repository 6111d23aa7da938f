import type { Serde } from '../serde/serde.ts'
import { checkName } from '../topology/names.ts'
import type { MissingSerde } from './mistake.ts'

export interface NameOption {
  /** Name of the operator; left out: generated. */
  readonly name?: string | undefined
}

/** A key serde: optional where the key's is known, required where the key has changed since. */
export type KeyOption<K, HasKey extends boolean> = [HasKey] extends [true]
  ? { readonly key?: Serde<K> | undefined }
  : { readonly key: Serde<K> }

/** A value serde: optional where the value's is known, required where the value has changed since. */
export type ValueOption<V, HasValue extends boolean> = [HasValue] extends [true]
  ? { readonly value?: Serde<V> | undefined }
  : { readonly value: Serde<V> }

/** Options as last argument; it may be left out where nothing in it is required, and the compiler says what is missing. */
// `{}` extends a type exactly where no member of it is required.
export type OptionsArgument<Options> = {} extends Options
  ? [options?: Options]
  : [options: Options] | ([] & MissingSerde<Options>)

export function nameOf(options: NameOption | undefined): string | undefined {
  return options?.name === undefined ? undefined : checkName(options.name)
}
