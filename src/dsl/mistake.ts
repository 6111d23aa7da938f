import type { GlobalTable } from './global-table.ts'

declare const mistake: unique symbol

/**
 * A type without values. As a parameter's type in the last overload of a method it makes the compiler end its report on
 * a call that fits no overload with this sentence.
 */
export interface Mistake<Sentence extends string> {
  readonly [mistake]: Sentence
}

/** Refuses a function that returns a promise, where an operator uses the result immediately. */
export type Sync<Result> = 0 extends 1 & Result
  ? unknown
  : [Extract<Result, PromiseLike<unknown>>] extends [never]
    ? unknown
    : Mistake<'the function returns a promise, which no operator waits for: use mapValuesAsync'>

interface AnyTable {
  readonly kind: 'table'
}

/** Arguments, at least one, of which none can be given. */
export type Mistaken<Sentence> = readonly [Sentence, ...Sentence[]]

// Sentences have aliases, mistakes have none: the compiler prints an alias instead of its text.
type KeysDiffer = 'the keys of the two sides have different types: give both the same key first, with selectKey'

/** Why a call of a stream's join fits no overload, by the type of the other side. */
export type StreamJoinMistake<K, Other> =
  Other extends GlobalTable<infer _K, infer _V>
    ? Mistake<'to join a global table, pass a function that returns its key, then a joiner of (value, table value)'>
    : Other extends { readonly kind: 'stream' | 'table'; readonly types: { readonly key: infer KO } }
      ? [K, KO] extends [KO, K]
        ? Other extends { readonly kind: 'stream' }
          ? Mistake<'pass a joiner of both values, then options with the windows and every serde that is not known'>
          : Mistake<'pass a joiner of the stream value and the table value (in a left join it may be null), then options with every serde that is not known'>
        : Mistake<KeysDiffer>
      : Mistake<NotJoinable>

type NotJoinable = 'a stream is joined with a stream, a table or a global table of the same builder'

/** The same for an outer join, whose sides are both streams. */
export type OuterJoinMistake<K, Other> = Other extends AnyTable ? Mistake<TableForStream> : StreamJoinMistake<K, Other>

/** A table where only a stream will do. */
type TableForStream = 'a table is given where a stream is needed: make a stream of it with toStream()'

/** Why a value cannot be merged into a stream. */
export type MergeMistake<Other> = Other extends AnyTable
  ? Mistake<TableForStream>
  : Mistake<'merged streams must have the same types of key and value: map one of them first'>

/** Why a call of a table's join fits no overload, by the type of the other side. */
export type TableJoinMistake<K, Other> = Other extends { readonly kind: 'stream' }
  ? Mistake<'a stream is given where a table is needed: make a table of it with toTable(), or join the stream with this table'>
  : Other extends AnyTable & { readonly types: { readonly key: infer KO } }
    ? [K, KO] extends [KO, K]
      ? Mistake<'pass a joiner of both table values (in a left or outer join one may be null); to join by a function that returns the key of the other table, use foreignKeyJoin'>
      : Mistake<'the keys of the two tables have different types: join them with foreignKeyJoin'>
    : Mistake<'a table is joined with a table of the same builder'>

/** The serde or option that a call without options lacks; `unknown`, which refuses nothing, where none is required. */
export type MissingSerde<Operator extends string, Options> =
  RequiredOf<Options> extends never
    ? unknown
    : 'key' extends RequiredOf<Options>
      ? Mistake<`${Operator}: the serde of the key is missing, because the key has changed: pass it as { key }`>
      : 'value' extends RequiredOf<Options>
        ? Mistake<`${Operator}: the serde of the value is missing, because the value has changed: pass it as { value }`>
        : Mistake<`${Operator}: the options are missing`>

type RequiredOf<Options> = { [Name in keyof Options]-?: {} extends Pick<Options, Name> ? never : Name }[keyof Options]

/** A source without options, of a builder that has no defaults for key and value. */
export type SourceMistake<DefaultKey, DefaultValue> = [DefaultKey] extends [never]
  ? Mistake<NoSerdes>
  : [DefaultValue] extends [never]
    ? Mistake<NoSerdes>
    : unknown

type NoSerdes = 'pass the serdes of the source as { key, value }, or pass defaults to the builder'

/** The refusal of a stream-table join without options where a serde was lost. */
export type JoinWithoutOptions<Options> =
  RequiredOf<Options> extends never
    ? unknown
    : Mistake<'pass a joiner of the stream value and the table value (in a left join it may be null), then options with every serde that is not known'>
