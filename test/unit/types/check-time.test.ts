import { expect, test } from '@jest/globals'
import { bestOf } from '../../support/best-of.ts'
import { checkSeconds } from './compile.ts'

/** Eight operators in a row that change key, value and kind, and end as they begin: a stream of texts by text. */
const link = (number: number): string => `
  .filter((key, value) => key !== value)
  .mapValues((value) => ({ text: value, length: value.length, number: ${number} }))
  .selectKey((key, value) => value.length + key.length)
  .groupByKey({ key: long(), value: json<{ text: string; length: number; number: number }>() })
  .windowedBy(tumblingWindows({ sizeMs: 1000 }))
  .count({ store: 'counts-${number}' })
  .toStream()
  .map(({ key }, count) => [String(key), String(count)] as [string, string])`

const links = 25

const program = `
new StreamsBuilder()
  .stream('in', { key: string(), value: string() })${Array.from({ length: links }, (_, number) => link(number)).join('')}
  .to('out', { key: string(), value: string() })
`

test('a topology of 200 operators is checked in less than two seconds', async () => {
  expect(await bestOf(2000, async () => 1000 * (await checkSeconds(program)))).toBeLessThan(2000)
})
