/** A record header; the value is bytes as written, null when absent. */
export interface Header {
  readonly key: string
  readonly value: Uint8Array | null
}

/** In the order they were written; names may repeat. */
export type Headers = readonly Header[]

export const noHeaders: Headers = Object.freeze([])
