import { describe, expect, test } from '@jest/globals'
import { BufferPool } from '../../../src/sinks/buffer-pool.ts'
import { LineBuffer } from '../../../src/sinks/line-buffer.ts'

describe('a line buffer', () => {
  test('holds text and bytes as UTF-8, a line each', () => {
    const lines = new LineBuffer(new BufferPool({ maxBytes: 1000, maxBufferedBytes: 0 }))
    lines.addLine('{"ü":', Buffer.from('"€"'), '}')
    lines.addLine('', '{"𝄞":"\ud800"}', '')
    expect(lines.slice().toString()).toBe('{"ü":"€"}\n{"𝄞":"\ufffd"}\n')
  })

  test.each([
    ['ASCII', 'x'],
    ['three bytes a character', '€'],
    ['four bytes a character', '𝄞'],
  ])('grows with what it is given: %s', (_name, character) => {
    const lines = new LineBuffer(new BufferPool({ maxBytes: 1000, maxBufferedBytes: 0 }))
    const texts = [1, 21_846, 65_535, 3, 200_000].map((length) => character.repeat(length))
    for (const text of texts) lines.addLine('', text, '')
    expect(lines.slice().equals(Buffer.from(texts.map((text) => `${text}\n`).join('')))).toBe(true)
  })

  test('what was cut is overwritten', () => {
    const lines = new LineBuffer(new BufferPool({ maxBytes: 1000, maxBufferedBytes: 0 }))
    lines.addLine('', 'one', '')
    const { length } = lines
    lines.addLine('', 'two', '')
    lines.cut(length)
    lines.addLine('', '3', '')
    expect(lines.slice().toString()).toBe('one\n3\n')
  })

  test('its memory serves the next one, as far as the pool keeps any', () => {
    const pool = new BufferPool({ maxBytes: 1000, maxBufferedBytes: 16 * 1024 })
    const [first, second] = [new LineBuffer(pool), new LineBuffer(pool)]
    for (const lines of [first, second]) lines.addLine('', 'x', '')
    const memory = [first, second].map((lines) => lines.slice().buffer)
    for (const lines of [first, second]) lines.release()
    for (const lines of [first, second]) lines.addLine('', 'y', '')
    expect(first.slice().buffer === memory[0]).toBe(true)
    expect(second.slice().buffer === memory[1]).toBe(false)
  })

  test('grows to the size of a full batch, not to the double of it', () => {
    const lines = new LineBuffer(new BufferPool({ maxBytes: 1_000_000, maxBufferedBytes: 0 }))
    while (lines.length < 1_000_000) lines.addLine('', 'x'.repeat(1000), '')
    expect(lines.slice().buffer.byteLength).toBeLessThan(1_100_000)
  })
})
