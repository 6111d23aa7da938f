import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TemplateMiner, type TemplateOptions, type TemplateRow, templateId } from '../../../../src/detection/index.ts'

/** What a miner says of a line: all that others see of it. */
function said(miner: TemplateMiner, message: string, scope = ''): unknown {
  const { template, change, previousId } = miner.learn(message, scope)
  return { id: template.id, text: template.text, lines: template.lines, change, previousId }
}

function textsOf(miner: TemplateMiner): readonly string[] {
  return Array.from(miner.templates, ({ text }) => text)
}

describe('templates', () => {
  test('have wildcards for what varies', () => {
    const miner = new TemplateMiner()
    const { template, change } = miner.learn('session of ann opened from 10.0.0.1:22')
    expect(change).toBe('new')
    expect(template.text).toBe('session of ann opened from <*>:<*>')
    const before = template.id
    expect(miner.learn('session of bob opened from 10.0.0.2:4022')).toEqual({
      template,
      change: 'widened',
      previousId: before,
    })
    expect(template.text).toBe('session of <*> opened from <*>:<*>')
    expect(template.id).not.toBe(before)
    expect(miner.learn('session of eve opened from 10.0.0.3:1').change).toBe('none')
    expect(template.lines).toBe(3)
  })

  test('have an id that follows from their text alone', () => {
    const [one, other] = [new TemplateMiner(), new TemplateMiner({ templatesMax: 16 })]
    for (const message of ['disk full on sda', 'disk full on sdb', 'user ann came']) one.learn(message, 'storage')
    for (const message of ['a b c', 'disk full on sdc', 'x y', 'disk full on sda']) other.learn(message, 'other')
    const found = [...one.templates].find(({ text }) => text === 'disk full on <*>')
    expect(found?.id).toBe(templateId('disk full on <*>'))
    expect([...other.templates].map(({ id }) => id)).toContain(found?.id)
    expect(templateId('disk full on <*>')).toBe('8c187f33945337c5')
  })

  test('are kept apart by scope', () => {
    const miner = new TemplateMiner()
    miner.learn('job ann started now', 'a')
    expect(miner.learn('job bob started now', 'b').change).toBe('new')
  })

  test('are of the first line that has a word', () => {
    const miner = new TemplateMiner()
    expect(miner.learn('\n\nboom here\n  at line 7').template.text).toBe('boom here')
    expect(miner.learn('').template.text).toBe('')
    expect(miner.learn(' \n ').change).toBe('none')
  })

  test('take expressions of users as variables', () => {
    const miner = new TemplateMiner({ masks: [String.raw`user '[^']*'`, '[A-F]{4}'], masksDigits: false })
    expect(miner.learn("user 'ann b' took ABCD in 5 s").template.text).toBe('<*> took <*> in 5 s')
  })

  test('do not become more when the same lines come again', () => {
    const lines = ['a b', 'a c', 'd c', 'd e', 'f e', '1 a', '2 b', 'x 7 y 8 z 9 q', 'x 7 r 8 s 9 t', 'u 1 v 2 w 3 p']
    const miner = new TemplateMiner({ branchTokens: 0 })
    for (let round = 0; round < 3; round++) for (const line of lines) miner.learn(line)
    const known = miner.size
    for (let round = 0; round < 50; round++) for (const line of lines) miner.learn(line)
    expect(miner.size).toBe(known)
  })
})

describe('what is kept', () => {
  test('is bounded: the templates that no line had for longest make room', () => {
    const miner = new TemplateMiner({ templatesMax: 32 })
    miner.learn('stays here')
    for (let line = 0; line < 1000; line++) {
      miner.learn(`${word(line)} ${word(line * 7)} ${word(line * 3)}`)
      miner.learn('stays here')
      expect(miner.size).toBeLessThanOrEqual(32)
    }
    expect(textsOf(miner)).toContain('stays here')
    const kept = new Set(miner.takeChanges().rows.map(({ created }) => created))
    expect(kept.size).toBe(miner.size)
  })

  test('is bounded by the templates that one line is compared with', () => {
    const miner = new TemplateMiner({ siblingsMax: 4, branchTokens: 1 })
    for (let line = 0; line < 100; line++) miner.learn(`job ${word(line)} ${word(line + 50)} ${word(line + 200)}`)
    expect(miner.size).toBe(4)
  })

  test('holds no line: what a template keeps is a copy', () => {
    const miner = new TemplateMiner()
    miner.learn(`short words ${'x'.repeat(100_000)}`)
    const [row] = miner.takeChanges().rows
    expect(row?.tokens.map(({ length }) => length)).toEqual([5, 5, 4096 - 12])
  })

  test('costs a line the time of its first characters, whatever it holds', () => {
    const miner = new TemplateMiner({ masks: [String.raw`(a+)+b`, String.raw`(\d+\.)+x`] })
    const texts = ['a'.repeat(1_000_000), '1.'.repeat(500_000), '<*>'.repeat(300_000), '\n'.repeat(1_000_000)]
    for (const text of texts) miner.learn(text)
    expect(miner.size).toBe(3)
  })
})

describe('a miner made from the rows of another', () => {
  const words = fc.constantFrom('a', 'b', 'c', 'open', 'x1', '7', '<*>')
  const message = fc.array(words, { minLength: 0, maxLength: 5 }).map((parts) => parts.join(' '))
  const line = fc.record({ message, scope: fc.constantFrom('', 's'), restarts: fc.boolean() })
  const options: fc.Arbitrary<TemplateOptions> = fc.record({
    similarity: fc.constantFrom(0, 0.4, 0.6, 1),
    branchTokens: fc.integer({ min: 0, max: 3 }),
    childrenMax: fc.integer({ min: 2, max: 4 }),
    siblingsMax: fc.integer({ min: 2, max: 4 }),
    templatesMax: fc.constant(16),
  })

  test('says the same of every line, wherever it was restarted', () => {
    fc.assert(
      fc.property(options, fc.array(line, { maxLength: 150 }), (chosen, lines) => {
        const whole = new TemplateMiner(chosen)
        const store = new Map<number, TemplateRow>()
        let restarted = new TemplateMiner(chosen)
        const answers: [unknown, unknown][] = []
        for (const { message: text, scope, restarts } of lines) {
          answers.push([said(restarted, text, scope), said(whole, text, scope)])
          if (!restarts) continue
          const { rows, removed } = restarted.takeChanges()
          for (const created of removed) store.delete(created)
          for (const row of rows) store.set(row.created, JSON.parse(JSON.stringify(row)) as TemplateRow)
          restarted = new TemplateMiner(chosen, [...store.values()].reverse())
        }
        expect(answers.map(([one]) => one)).toEqual(answers.map(([, other]) => other))
        expect(restarted.size).toBe(whole.size)
      }),
      { numRuns: 120 },
    )
  })
})

test('options that cannot be used are reported together', () => {
  const wrong = { similarity: 2, branchTokens: 1.5, masks: ['(', 'x{1000}{9}', '(?=a)'], similarty: 1 }
  expect(() => new TemplateMiner(wrong)).toThrow(
    /similarty is not an option: did you mean similarity.*similarity is 2.*branchTokens is 1.5.*masks\[0\].*masks\[1\].*masks\[2\]/s,
  )
})

/** A word without digits, another one for each number. */
function word(value: number): string {
  return value.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'.charAt(Number(digit)))
}
