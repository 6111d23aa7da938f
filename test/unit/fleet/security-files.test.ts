import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { securityRules } from '../../../fleet/security-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-security-'))

afterAll(() => rmSync(folder, { recursive: true }))

let folders = 0

/** A folder with these files; the path of one of them where it is the only one. */
function rulesOf(files: Readonly<Record<string, string>>): string {
  const own = join(folder, String(folders++))
  mkdirSync(join(own, 'inner'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text)
  return own
}

function mistakesOf(settings: Parameters<typeof securityRules>[0]): string {
  try {
    securityRules(settings)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

const rule = (title: string, more = '') =>
  `title: ${title}\nid: ${title}\nlogsource: { product: fleet }\ndetection: { one: { a: b }, condition: one }\n${more}`

describe('the rules of a setting', () => {
  test('are none without one', () => {
    expect(securityRules({})).toBeUndefined()
  })

  test('are those of a file', () => {
    const path = join(rulesOf({ 'one.yml': rule('one') }), 'one.yml')
    expect(securityRules({ rules: path })?.plans.map(({ name }) => name)).toEqual(['sigma-one'])
  })

  test('are those of all files of a folder and the folders in it, by name', () => {
    const path = rulesOf({
      'b.yml': rule('two'),
      'inner/a.yaml': rule('three'),
      'a.yml': rule('one'),
      'readme.md': 'x',
    })
    expect(securityRules({ rules: path })?.plans.map(({ name }) => name)).toEqual([
      'sigma-one',
      'sigma-two',
      'sigma-three',
    ])
  })

  test('of one title have the beginning of their ids in their names', () => {
    const path = rulesOf({ 'a.yml': rule('one').replace('id: one', 'id: aaaaaaaa-1') + `---\n${rule('one')}` })
    expect(securityRules({ rules: path })?.plans.map(({ name }) => name)).toEqual([
      'sigma-one-aaaaaaaa',
      'sigma-one-one',
    ])
  })

  test('are refused with all mistakes of all files, and those of the mapping', () => {
    const path = rulesOf({
      'a.yml': 'title: a\ndetection: { condition: nothing }\n',
      'b.yml': '{',
      'c.yml': rule('c'),
      'd.yml': 'title: d\ncorrelation: { type: event_count, rules: nobody, timespan: 5m, condition: { gte: 1 } }\n',
    })
    const mappingFile = join(rulesOf({ 'mapping.yaml': 'fields: { a: 1 }\n' }), 'mapping.yaml')
    const text = mistakesOf({ rules: path, mappingFile })
    expect(['a.yml', 'b.yml', 'c.yml', 'd.yml', 'mapping.yaml'].filter((name) => text.includes(name))).toEqual([
      'a.yml',
      'b.yml',
      'd.yml',
      'mapping.yaml',
    ])
  })

  test('are refused for options that alert rules do not have, and for targets that no alert has', () => {
    const path = rulesOf({
      'a.yml': rule('a', 'millrace: { colour: red }\n'),
      'b.yml': rule('b', 'millrace: { respond: [{ action: block-ip, target: ip }] }\n'),
      'c.yml': rule('c', 'millrace: { respond: [{ action: reboot, target: service }] }\n'),
    })
    const text = mistakesOf({ rules: path })
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^the Sigma rule a cannot be used: millrace.colour: is no option here/),
      expect.stringMatching(/^the Sigma rule b cannot be used: respond.0.target: ip is no field of groupBy/),
      expect.stringMatching(/^the Sigma rule c cannot be used: respond.0.action: /),
    ])
  })

  test('are refused twice', () => {
    expect(mistakesOf({ rules: rulesOf({ 'a.yml': `${rule('a')}---\n${rule('a')}` }) })).toMatch(
      /^the Sigma rule a is there twice \(a\): remove one/,
    )
  })

  test.each([
    ['/nowhere', /cannot be read .* SECURITY_RULES/],
    [rulesOf({ 'readme.md': 'x' }), /which has no file that ends in .yml or .yaml/],
  ])('are refused where the setting names %s', (rules, message) => {
    expect(mistakesOf({ rules })).toMatch(message)
  })
})
