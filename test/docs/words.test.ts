import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { clippedForms } from './clipped-forms.ts'
import { readPages, readText, root } from './markdown.ts'

const sources = ['src', 'fleet', 'topologies', 'schemas', 'workers'].flatMap(sourcesOf)
const tests = sourcesOf('test')

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => join(folder, name))
}

/** Prose of a page, line by line: its blocks of code are tests, and its code spans are names. */
function proseOf(text: string): readonly string[] {
  const blanked = text.replace(/^```[\s\S]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ''))
  return blanked.replaceAll(/`[^`\n]*`|\]\([^)]*\)/g, '').split('\n')
}

/** Comments of a source, line by line. */
function commentsOf(text: string): readonly string[] {
  return text.split('\n').map((line) => /(?:^\s*(?:\/\*\*?|\*)|(?:^|\s)\/\/)\s(.*)$/.exec(line)?.[1] ?? '')
}

/** Sentences of a source, line by line: texts of at least three words, such as messages, log lines and test names. */
function textsOf(text: string): readonly string[] {
  return text.split('\n').map((line) => {
    if (/^\s*(\/?\*|\/\/|import )/.test(line)) return ''
    const texts = line.match(/'[^'\n]*'|"[^"\n]*"|`[^`\n]*`?/g) ?? []
    return texts.filter((one) => one.split(' ').length >= 3).join(' ')
  })
}

/** Names of tests, line by line. Longer texts of a test may be input, such as a text that must not pass. */
function testNamesOf(text: string): readonly string[] {
  const name =
    /^\s*(?:(?:describe|test)(?:\.\w+)*(?:\(.*\))?|\](?: as const)?\))\((?:'([^'\n]*)'|"([^"\n]*)"|`([^`\n]*)`),/
  return text.split('\n').map((line) => (name.exec(line) ?? []).slice(1).find((one) => one !== undefined) ?? '')
}

function found(name: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, index) =>
    clippedForms.flatMap(({ form, better }) => {
      const match = form.exec(line)
      return match === null ? [] : [`${name}:${index + 1} "${match[0]}": better ${better}`]
    }),
  )
}

describe('clipped forms', () => {
  const pages = readPages()

  test.each(pages.map(({ name, text }) => [name, text] as const))('%s has none', (name, text) => {
    expect(found(name, proseOf(text))).toEqual([])
  })

  test('comments of the sources have none', () => {
    expect(sources.flatMap((name) => found(name, commentsOf(readText(name))))).toEqual([])
  })

  test('texts of the sources have none: error messages, log lines, names of suites', () => {
    expect(sources.flatMap((name) => found(name, textsOf(readText(name))))).toEqual([])
  })

  test('names of tests have none', () => {
    expect(tests.flatMap((name) => found(name, testNamesOf(readText(name))))).toEqual([])
  })

  test('are found in prose, in comments and in names of tests, not in code', () => {
    const page = 'Lag is told.\n```ts\n// is told\n```\nA `is told` span.\nServers are away.'
    expect(found('page', proseOf(page))).toEqual([
      'page:1 "is told": better is reported, is emitted, is logged',
      'page:6 "are away": better is unreachable',
    ])
    const source = "const text = 'is told'\n/** It is told. */\n * which goes on\nrun() // anew"
    expect(found('source', commentsOf(source))).toHaveLength(3)
    const names = "test('it is told', () => {\nexpect('it is told')\n] as const)('%s goes on', (one) => {"
    expect(found('test', testNamesOf(names))).toEqual([
      'test:1 "is told": better is reported, is emitted, is logged',
      'test:3 "goes on": better continues',
    ])
    expect(found('source', textsOf("fail('the lag is told')\nconst told = 'is told'"))).toHaveLength(1)
  })
})
