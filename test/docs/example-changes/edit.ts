/** One edit of a file: `put` in place of the first `find`; without `find` a new file. */
export interface Edit {
  readonly file: string
  readonly find?: string
  readonly put: string
}

/** `text` in front of the first `find`. */
export function before(file: string, find: string, text: string): Edit {
  return { file, find, put: text + find }
}

export function created(file: string, put: string): Edit {
  return { file, put }
}

/** Edits by the first cell of the row. */
export type ExampleChanges = Readonly<Record<string, readonly Edit[]>>
