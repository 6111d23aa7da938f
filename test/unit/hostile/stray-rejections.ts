import { afterAll, beforeAll, expect } from '@jest/globals'

/** Listens while the tests of the file run; the function ends a file: nothing was left unhandled. */
export function strayRejections(): () => Promise<void> {
  const stray: unknown[] = []
  const note = (error: unknown) => void stray.push(error)
  beforeAll(() => {
    process.on('unhandledRejection', note)
  })
  afterAll(() => {
    process.off('unhandledRejection', note)
  })
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    expect(stray).toEqual([])
  }
}
