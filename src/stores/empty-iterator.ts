const done = Object.freeze({ done: true, value: undefined })

/** Makes nothing where there is nothing to read. */
export const emptyIterator: IterableIterator<never> = Object.freeze({
  next: () => done,
  [Symbol.iterator]() {
    return this
  },
})
