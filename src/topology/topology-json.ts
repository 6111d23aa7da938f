/** Plain data that JSON can express. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * A topology as plain data. Two builds of the same code give equal data. Functions and serdes are listed by name: `{
 * "function": "isError" }`, `{ "serde": "string" }`. Undefined fields are left out.
 */
export interface TopologyJson {
  /** Nodes by name. */
  readonly nodes: { readonly [name: string]: Json }
  /** Stores by name. */
  readonly stores: { readonly [name: string]: Json }
  /** The topic that fills each global store, by the name of the store. */
  readonly globalStores: { readonly [name: string]: Json }
  /** Repartition topics by name, without the application's prefix. */
  readonly repartitionTopics: { readonly [name: string]: Json }
  /** Subtopologies by id. */
  readonly subtopologies: { readonly [id: string]: Json }
}
