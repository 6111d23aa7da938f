import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { SigmaRules } from '../../../../src/detection/index.ts'

function rule(detection: string, more = ''): string {
  const indented = detection.trim().replaceAll('\n', '\n  ')
  return `title: one\n${more}logsource: { category: webserver }\ndetection:\n  ${indented}\n`
}

function fires(detection: string, fields: Readonly<Record<string, unknown>>): boolean {
  const rules = new SigmaRules()
  const [only] = rules.add(rule(detection), 'one.yml')
  const isFired = rules.matching(fields).length === 1
  expect(only?.matches(fields)).toBe(isFired)
  return isFired
}

const selection = (text: string): string => `selection:\n  ${text}\ncondition: selection`
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le')

describe('a selection', () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ['a: Bash', { a: 'bASH' }, true],
    ['a: bash', { a: 'bash -c' }, false],
    ['a: [x, y]', { a: 'y' }, true],
    ['a: "*ba?h*"', { a: 'to bash it' }, true],
    ["a: 'C:\\\\*.exe'", { a: 'c:\\tools\\x.EXE' }, true],
    ['a: "50\\\\*"', { a: '50*' }, true],
    ['a: "50\\\\*"', { a: '500' }, false],
    ['a: 404', { a: 404 }, true],
    ['a: 404', { a: '404' }, true],
    ['a: true', { a: true }, true],
    ['a: null', {}, true],
    ['a: null', { a: null }, true],
    ['a: null', { a: '' }, false],
    ["a: ''", { a: '' }, true],
    ["a: ''", {}, false],
    ['a|contains: [one, two]', { a: 'the Two' }, true],
    ['a|contains|all: [one, two]', { a: 'the two' }, false],
    ['a|contains|all: [one, two]', { a: 'two and one' }, true],
    ['a|startswith: /etc', { a: '/ETC/passwd' }, true],
    ['a|startswith: /etc', { a: ' /etc' }, false],
    ['a|endswith: .php', { a: 'x.php' }, true],
    ['a|contains|cased: Root', { a: 'root' }, false],
    ['a|contains|cased: Root', { a: 'a Root' }, true],
    ['a|re: ^x\\d+$', { a: 'x12' }, true],
    ['a|re: ^x\\d+$', { a: 'X12' }, false],
    ['a|re|i: ^x\\d+$', { a: 'X12' }, true],
    ['a|exists: true', { a: '' }, true],
    ['a|exists: false', { a: '' }, false],
    ['a|gte: 400', { a: '404' }, true],
    ['a|lt: 400', { a: 404 }, false],
    ['a|cidr: 10.0.0.0/8', { a: '10.1.2.3' }, true],
    ['a|cidr: 10.0.0.0/8', { a: '11.1.2.3' }, false],
    ['a|cidr: 10.0.0.1', { a: '10.0.0.1' }, true],
    ['a|cidr: 10.0.0.1', { a: '10.0.0.2' }, false],
    ['a|cidr: fd00::/8', { a: 'fd00::1' }, true],
    ['a|cidr: 10.0.0.0/8', { a: 'none' }, false],
    ['a|fieldref: b', { a: 'Ann', b: 'ann' }, true],
    ['a|fieldref|endswith: b', { a: 'dom\\ann', b: 'ann' }, true],
    ['a|fieldref: b', { a: 'x' }, false],
    ['a|contains|windash: " -enc "', { a: 'p /enc x' }, true],
    ['a|contains|windash: " -enc "', { a: 'p \u2013enc x' }, true],
    ['a|contains|windash: " -enc "', { a: 'p enc x' }, false],
    ['a|base64|contains: whoami', { a: Buffer.from('whoami').toString('base64') }, true],
    ['a|base64offset|contains: whoami', { a: Buffer.from('0whoami').toString('base64') }, true],
    ['a|base64offset|contains: whoami', { a: Buffer.from('01whoami;').toString('base64') }, true],
    [
      'a|wide|base64offset|contains: whoami',
      { a: Buffer.concat([Buffer.from('x'), wide('whoami')]).toString('base64') },
      true,
    ],
    ['a: x', { a: ['y', 'x'] }, true],
    ['user.name: ann', { user: { name: 'ann' } }, true],
    ['user.name: ann', { 'user.name': 'ann' }, true],
    ['user.name: ann', { user: 'ann' }, false],
  ])('with %s and %j: %j', (text, fields, isFired) => {
    expect(fires(selection(text), fields)).toBe(isFired)
  })

  test('needs all of its fields, and one of a list', () => {
    const both = selection('a: x\n  b: y')
    expect([fires(both, { a: 'x', b: 'y' }), fires(both, { a: 'x' })]).toEqual([true, false])
    const either = 'selection:\n  - a: x\n  - b: y\ncondition: selection'
    expect([fires(either, { b: 'y' }), fires(either, { a: 'y' })]).toEqual([true, false])
  })

  test('may be words that are anywhere in the event', () => {
    const words = 'words: [union select, "/etc/*shadow"]\ncondition: words'
    expect(fires(words, { a: 1, b: { c: ['', '1 UNION SELECT 2'] } })).toBe(true)
    expect(fires(words, { path: '/x?f=/etc/./shadow&y' })).toBe(true)
    expect(fires(words, { path: '/etc/passwd' })).toBe(false)
    const all = "words:\n  '|all': [one, two]\ncondition: words"
    expect([fires(all, { a: 'one', b: 'two' }), fires(all, { a: 'one' })]).toEqual([true, false])
  })
})

describe('a condition', () => {
  const parts = 'sel_a:\n  a: 1\nsel_b:\n  b: 1\n_c:\n  c: 1\n'

  test.each([
    ['sel_a and not sel_b', { a: 1 }, true],
    ['sel_a and not sel_b', { a: 1, b: 1 }, false],
    ['sel_a or sel_b and _c', { a: 1 }, true],
    ['(sel_a or sel_b) and _c', { a: 1 }, false],
    ['not (sel_a or sel_b)', {}, true],
    ['1 of sel_*', { b: 1 }, true],
    ['all of sel_*', { b: 1 }, false],
    ['all of them', { a: 1, b: 1 }, true],
    ['any of them', { c: 1 }, false],
    ['2 of *', { a: 1, c: 1 }, true],
    ['sel_a AND NOT _c', { a: 1 }, true],
  ])('%s with %j: %j', (condition, fields, isFired) => {
    expect(fires(`${parts}condition: ${condition}`, fields)).toBe(isFired)
  })

  test('may be a list of which one is met', () => {
    expect(fires(`${parts}condition: [sel_a, sel_b]`, { b: 1 })).toBe(true)
  })
})

test.each([
  ['selection:\n  a: 1\ncondition: other', 'other, which is no part of the detection'],
  ['selection:\n  a: 1\ncondition: selection and', 'ends too early'],
  ['selection:\n  a: 1\ncondition: (selection', 'lacks a )'],
  ['selection:\n  a: 1\ncondition: selection selection', "has 'selection' too much"],
  ['selection:\n  a: 1\ncondition: selection | count() > 5', 'aggregation'],
  ['selection:\n  a: 1', 'no condition'],
  ['selection: {}\ncondition: selection', 'names no field'],
  ['selection:\n  a|near: 1\ncondition: selection', 'modifier near, which is unknown'],
  ['selection:\n  a|re: "(?=x)"\ncondition: selection', 'cannot be read'],
  ['selection:\n  a|cidr: 10.0.0.0/99\ncondition: selection', 'cannot be read'],
  ['selection:\n  a|expand: "%hosts%"\ncondition: selection', 'the placeholder %hosts%'],
  ['selection:\n  a|expand: "%constructor%"\ncondition: selection', 'the placeholder %constructor%'],
  ['selection:\n  a|gt: high\ncondition: selection', 'no number'],
  ['selection:\n  a|base64: "x*"\ncondition: selection', 'wildcard'],
])('the detection %j is refused: %s', (detection, problem) => {
  const rules = new SigmaRules()
  expect(() => rules.add(rule(detection), 'one.yml')).toThrow(problem)
  expect(() => rules.add(rule(detection), 'one.yml')).toThrow('one.yml')
  expect(rules.size).toBe(0)
})

test.each([
  [10, true],
  [11, false],
  [50_000, false],
])('a value in %d lists: %j', (depth, isFired) => {
  const list = JSON.parse(`${'['.repeat(depth)}"deep"${']'.repeat(depth)}`) as unknown
  expect(fires(selection('a: deep'), { a: list })).toBe(isFired)
  expect(fires(selection('a|contains|cased: deep'), { a: list })).toBe(isFired)
})

describe('rules', () => {
  test('say what they are, by default too', () => {
    const rules = new SigmaRules({ placeholders: { hosts: ['db1', 'db2'] }, fields: { host: 'server.name' } })
    const more = 'id: 123\nlevel: high\ntags: [attack.t1110]\n'
    const [given] = rules.add(rule(selection("host|expand: '%hosts%.local'"), more.replace('123', "'123'")), 'one.yml')
    expect(given).toMatchObject({ id: '123', title: 'one', level: 'high', tags: ['attack.t1110'] })
    const [plain] = rules.add(rule(selection('a: 1')), 'two.yml')
    expect(plain).toMatchObject({ id: 'one', level: 'medium', tags: [], source: { category: 'webserver' } })
    expect(rules.matching({ server: { name: 'db2.local' } })).toEqual([given])
  })

  test('look at events of their source, where it is known', () => {
    const rules = new SigmaRules()
    rules.add(rule(selection('a: 1')), 'one.yml')
    expect(rules.matching({ a: 1 }, { category: 'webserver', product: 'nginx' })).toHaveLength(1)
    expect(rules.matching({ a: 1 }, { product: 'nginx' })).toHaveLength(0)
    expect(rules.matching({ a: 1 })).toHaveLength(1)
  })

  test('that are passed over could not have fired', () => {
    const word = fc.constantFrom('cat', 'shadow', 'Cat', 'do', 'g', 'dog.exe', '*', 'a?t')
    const texts = fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => words.join(''))
    const modifier = fc.constantFrom('', '|contains', '|endswith', '|contains|all', '|contains|cased')
    const part = fc.record({
      field: fc.constantFrom('a', 'b', ''),
      modifier,
      values: fc.array(texts, { minLength: 1, maxLength: 2 }),
    })
    const condition = fc.constantFrom('p0', 'p0 and p1', 'p0 or p1', 'not p0 and p1', '1 of p*', '2 of p*')
    const drawn = fc.record({ parts: fc.tuple(part, part), condition })
    const event = fc.dictionary(fc.constantFrom('a', 'b', 'c'), texts)
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 8 }), fc.array(event, { maxLength: 8 }), (all, events) => {
        const rules = new SigmaRules()
        const added = all.flatMap(({ parts, condition: text }) => {
          const named = parts.map(({ field, modifier: how, values }, index) => [
            `p${index}`,
            { [`${field}${how}`]: values },
          ])
          return rules.add(JSON.stringify({ detection: { ...Object.fromEntries(named), condition: text } }), 'drawn')
        })
        for (const fields of events) {
          expect(rules.matching(fields)).toEqual(added.filter((one) => one.matches(fields)))
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('an event in JSON', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'É', '"', '\\', '\n', '\u0001', '€', '😀') })
  const event = fc.record({ a: text, b: fc.record({ c: fc.array(text, { maxLength: 3 }) }), n: fc.integer() })
  const value = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '"', '€'), minLength: 1, maxLength: 4 })

  test('fires the same rules as its fields', () => {
    fc.assert(
      fc.property(event, value, value, (fields, inA, inC) => {
        const rules = new SigmaRules()
        const [one, two] = [inA, inC].map((literal) => JSON.stringify(literal))
        rules.add(rule(selection(`a|contains: ${one}`)), 'one.yml')
        rules.add(rule(selection(`b.c|endswith: ${two}`)), 'two.yml')
        rules.add(rule(`words: [${one}]\ncondition: words`), 'three.yml')
        expect(rules.matchingJson(JSON.stringify(fields))).toEqual(rules.matching(fields))
      }),
    )
  })

  test('has the fields that are given next to it', () => {
    const rules = new SigmaRules()
    rules.add(rule(selection('login.user: ann')), 'one.yml')
    const json = '{"message":"failed for ann"}'
    expect([rules.matchingJson(json).length, rules.matchingJson(json, [], { login: { user: 'ann' } }).length]).toEqual([
      0, 1,
    ])
  })
})
