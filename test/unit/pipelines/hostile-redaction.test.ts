import { describe, expect, test } from '@jest/globals'
import { createRedactor } from '../../../src/pipelines/index.ts'
import { bestOfMs } from '../../support/best-of.ts'

const mebibyte = 1024 * 1024
const redactor = createRedactor()

/** Pieces of which the redaction once read the same places many times. It is slower on others, such as `@` and `pwd="`. */
const pieces = ['password=', '123-45-', 'eyJhbGciOiJI.', '\\', 'a']

describe('the redaction of 1 MiB', () => {
  test.each(pieces)('of %j takes less than 50 ms', (piece) => {
    const text = piece.repeat(mebibyte / piece.length)
    expect(bestOfMs(() => redactor.redactText(text), 50)).toBeLessThan(50)
  })
})
