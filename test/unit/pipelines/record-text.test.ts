import { describe, expect, test } from '@jest/globals'
import { recordText } from '../../../src/pipelines/record-text.ts'

const bytesMax = 1000
const line = 'ERROR über boom'

describe('the text of a record', () => {
  test.each([
    ['UTF-8', Buffer.from(line), 'utf-8'],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${line}`), 'utf-8'],
    ['UTF-8 between NULs', Buffer.from(`\0\0${line}\0`), 'utf-8'],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${line}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark', Buffer.from(line, 'utf16le'), 'utf-16le'],
    ['UTF-16 with the high byte first', Buffer.from(line, 'utf16le').swap16(), 'utf-16be'],
    ['latin-1', Buffer.from(line, 'latin1'), 'windows-1252'],
  ])('%s is read', (_, bytes, encoding) => {
    expect(recordText(bytes, bytesMax)).toEqual({ text: line, encoding, isCut: false })
  })

  test('a record beyond the bound is cut at the end of a character', () => {
    expect(recordText(Buffer.from('aaü'), 3)).toEqual({ text: 'aa', encoding: 'utf-8', isCut: true })
  })

  test('an empty record is an empty text', () => {
    expect(recordText(Buffer.alloc(0), bytesMax)?.text).toBe('')
  })

  test.each([
    ['an image', Buffer.from('ffd8ffe000104a46494600010101006000600000', 'hex')],
    ['control characters', Buffer.from([1, 2, 3, 4, 5, 6])],
    ['nothing but NULs', Buffer.alloc(8)],
  ])('%s is no text', (_, bytes) => {
    expect(recordText(bytes, bytesMax)).toBeUndefined()
  })
})
