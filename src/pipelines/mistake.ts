/** Names and numbers of lists on the way to an option. */
export type Place = readonly (string | number)[]

/** What is wrong with an option of a step or a condition. The loader adds the line of the file. */
export class PipelineMistake extends Error {
  /** Where in the options, such as `set` or `patterns.0`; empty: the options themselves. */
  readonly path: Place
  /** Each mistake by itself: this one, or those that were found together. */
  readonly all: readonly PipelineMistake[] = [this]

  constructor(message: string, ...path: Place) {
    super(message)
    this.path = path
  }
}

class SeveralMistakes extends PipelineMistake {
  override readonly all: readonly PipelineMistake[]

  constructor(all: readonly PipelineMistake[]) {
    super(all.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
    this.all = all
  }
}

function oneFor(mistakes: readonly PipelineMistake[]): PipelineMistake {
  const [first, ...others] = mistakes
  return first !== undefined && others.length === 0 ? first : new SeveralMistakes(mistakes)
}

/** Each mistake that an error tells of. */
function mistakesIn(error: unknown): readonly PipelineMistake[] {
  return error instanceof PipelineMistake ? error.all : [new PipelineMistake((error as Error).message)]
}

/** The mistakes that a check throws; empty: all is right. */
export function mistakesOf(check: () => unknown): readonly PipelineMistake[] {
  try {
    check()
    return []
  } catch (error) {
    return mistakesIn(error)
  }
}

/** The results of all parts; throws the mistakes of all of them at once. */
export function together<Results extends readonly unknown[]>(
  ...parts: { readonly [Index in keyof Results]: () => Results[Index] }
): Results {
  const results: unknown[] = []
  const mistakes = parts.flatMap((part) => mistakesOf(() => results.push(part())))
  if (mistakes.length > 0) throw oneFor(mistakes)
  return results as unknown as Results
}

/** As `together`, for the items of a list. */
export function each<Item, Result>(
  items: readonly Item[],
  compile: (item: Item, index: number) => Result,
): readonly Result[] {
  return together<readonly Result[]>(...items.map((item, index) => () => compile(item, index)))
}

/** What is wrong is wrong at this place. */
export function at<Result>(place: Place, compile: () => Result): Result {
  try {
    return compile()
  } catch (error) {
    throw oneFor(mistakesIn(error).map(({ message, path }) => new PipelineMistake(message, ...place, ...path)))
  }
}
