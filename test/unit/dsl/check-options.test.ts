import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  string,
  StreamsBuilder,
  tumblingWindows,
  hoppingWindows,
  sessionWindows,
  joinWindows,
} from '../../../src/index.ts'
import { dslOptionNames } from '../../../src/dsl/check-options.ts'

const texts = { key: string(), value: string() }
/** As JavaScript would call it. */
const loose = (options: object): never => options as never
const stream = () => new StreamsBuilder().stream('in', texts)

describe('an option that is misspelt', () => {
  test.each<[string, () => unknown, string]>([
    [
      'of tumbling windows',
      () => tumblingWindows(loose({ sizeMs: 10, graceMS: 5 })),
      'graceMS is not an option: did you mean graceMs?',
    ],
    [
      'of hopping windows',
      () => hoppingWindows(loose({ sizeMs: 10, advanceMs: 5, gracems: 5 })),
      'did you mean graceMs?',
    ],
    [
      'of sessions',
      () => sessionWindows(loose({ gapMs: 10, grace: 5 })),
      'grace is not an option: did you mean graceMs?',
    ],
    ['of join windows', () => joinWindows(loose({ differenceMs: 10, before: 5 })), 'did you mean beforeMs?'],
    [
      'of a count',
      () =>
        stream()
          .groupByKey()
          .count(loose({ sotre: 'counts' })),
      'sotre is not an option: did you mean store?',
    ],
    [
      'of a source',
      () => new StreamsBuilder().stream('in', loose({ ...texts, timestmap: () => 1 })),
      'did you mean timestamp?',
    ],
    ['of a sink', () => stream().to('out', loose({ vlaue: string() })), 'vlaue is not an option: did you mean value?'],
    ['of a table', () => new StreamsBuilder().table('in', loose({ ...texts, cache: false })), 'cache is not an option'],
    [
      'of an asynchronous mapping',
      () => stream().mapValuesAsync(async () => 1, loose({ concurrency: 4 })),
      'did you mean concurrencyMax?',
    ],
    ['of a filter', () => stream().filter(() => true, loose({ nmae: 'kept' })), 'did you mean name?'],
    ['of a grouping', () => stream().groupByKey(loose({ vaule: string() })), 'did you mean value?'],
  ])('%s is refused with what was probably meant', (_, build, sentence) => expect(build).toThrow(sentence))
})

test('every option that the types of the DSL know is known', () => {
  const folder = new URL('../../../src/dsl/', import.meta.url)
  const names = new Set<string>()
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    const source = readFileSync(new URL(file, folder), 'utf8')
    for (const [, body = ''] of source.matchAll(
      /(?:interface \w*Options?\b[^{]*|type \w*Options?\b[^{;}]*|options\??: [^{)}]*)\{([^}]*)\}/g,
    ))
      for (const [, name = ''] of body.matchAll(/readonly (\w+)\??:/g)) names.add(name)
  }
  // Of building a topology, and of a builder.
  for (const other of [
    'optimize',
    'processorWrapper',
    'explicitNaming',
    'reuseTableSourceTopics',
    'defaults',
    'storeName',
  ])
    names.delete(other)
  expect([...names].filter((name) => !dslOptionNames.includes(name))).toEqual([])
})
