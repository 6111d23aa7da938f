import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { lineTokens } from '../../../../src/detection/templates/line-tokens.ts'

const limits = { charactersMax: 1000, masksDigits: true }

test.each([
  ['pid=4711 took 3.5ms', ['pid=<*>', 'took', '<*>']],
  ['blk_-38865049064139660 at 10.0.0.1:50010', ['<*>', 'at', '<*>:<*>']],
  ['/var/log/app-1.log', ['/var/log/<*>']],
  ['  tabs\tand   blanks ', ['tabs', 'and', 'blanks']],
  ['größe 5 größe5', ['größe', '<*>', '<*>']],
  ['a\nb', ['a']],
])('%j has the tokens %j', (message, tokens) => {
  expect(lineTokens(message, limits)).toEqual(tokens)
})

test('one pass finds what expressions find', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '9', '.', '-', '_', ' ', '\t', '\n', ':', '=', '/', 'é', '日'),
  })
  fc.assert(
    fc.property(text, (message) => {
      const line = message.split('\n').find((one) => one.trim() !== '') ?? ''
      const masked = line.replaceAll(/[\w.\-\u0080-\uffff]*\d[\w.\-\u0080-\uffff]*/g, '<*>')
      expect(lineTokens(message, limits)).toEqual(masked.split(/[ \t]+/).filter((token) => token !== ''))
    }),
    { numRuns: 500 },
  )
})
