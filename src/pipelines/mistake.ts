/** What is wrong with an option of a step or a condition. The loader adds the line of the file. */
export class PipelineMistake extends Error {
  /** Where in the options, such as `set` or `patterns.0`; empty: the options themselves. */
  readonly path: readonly (string | number)[]

  constructor(message: string, ...path: readonly (string | number)[]) {
    super(message)
    this.path = path
  }
}
