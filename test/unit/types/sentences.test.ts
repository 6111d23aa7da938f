import { beforeAll, describe, expect, test } from '@jest/globals'
import { compile } from './compile.ts'

const setting = `
interface Log { readonly service: string; readonly durationMs: number }
const builder = new StreamsBuilder()
const logs = builder.stream('logs', { key: string(), value: json<Log>() })
const counts = builder.stream('counts', { key: string(), value: long() })
const byNumber = builder.stream('by-number', { key: long(), value: long() })
const owners = builder.table('owners', { key: string(), value: json<Log>() })
const rekeyed = logs.selectKey((_, log) => log.durationMs)
const windows = joinWindows({ differenceMs: 5 })
`

const keyIsMissing = 'the serde of the key is missing, because the key has changed: pass it as { key }'
const valueIsMissing = 'the serde of the value is missing, because the value has changed: pass it as { value }'
const tableForStream = 'a table is given where a stream is needed: make a stream of it with toStream()'

/** Each a line of a program, and the sentence that the compiler's report on it ends with. */
const mistakes: readonly (readonly [line: string, sentence: string])[] = [
  [`rekeyed.groupByKey()`, keyIsMissing],
  [`rekeyed.to('out')`, keyIsMissing],
  [`rekeyed.toTable()`, keyIsMissing],
  [`rekeyed.repartition()`, keyIsMissing],
  [`logs.mapValues((log) => log.durationMs).to('out')`, valueIsMissing],
  [`logs.mapValues((log) => log.durationMs).groupByKey().reduce((a, b) => a + b)`, valueIsMissing],
  [
    `rekeyed.to('out', {})`,
    "Property 'key' is missing in type '{}' but required in type '{ readonly key: SerdeFor<number>; }'.",
  ],
  [
    `logs.join(counts, (log, count: string) => log.service + count, { windows })`,
    'pass a joiner of both values, then options with the windows and every serde that is not known',
  ],
  [
    `logs.join(owners, (log, owner: number) => owner)`,
    'pass a joiner of the stream value and the table value (in a left join it may be null), then options with every serde that is not known',
  ],
  [
    `rekeyed.selectKey(() => '').join(owners, (log, owner) => log.service + owner.service)`,
    'pass a joiner of the stream value and the table value (in a left join it may be null), then options with every serde that is not known',
  ],
  [
    `logs.join(byNumber, (log, count) => count, { windows })`,
    'the keys of the two sides have different types: give both the same key first, with selectKey',
  ],
  [
    `owners.join(owners, (left: string, right: string) => right)`,
    'pass a joiner of both table values (in a left or outer join one may be null)',
  ],
  [`logs.leftJoin(owners, (log, owner) => owner.service)`, "'owner' is possibly 'null'."],
  [`logs.merge(owners)`, tableForStream],
  [`logs.outerJoin(owners, (log, owner) => owner, { windows })`, tableForStream],
  [
    `owners.join(logs, (owner, log) => log)`,
    'a stream is given where a table is needed: make a table of it with toTable(), or join the stream with this table',
  ],
  [
    `logs.mapValues((log) => log.durationMs).to('out', { value: string() })`,
    "Type 'Serde<string>' is not assignable to type 'SerdeFor<number>'",
  ],
  [
    `logs.mapValues((log) => log.durationMs).groupByKey({ value: string() })`,
    "Type 'Serde<string>' is not assignable to type 'SerdeOver<number>'",
  ],
  [`rekeyed.toTable({ key: string() })`, "Type 'Serde<string>' is not assignable to type 'SerdeFor<number>'"],
  [`rekeyed.repartition({ key: string() })`, "Type 'Serde<string>' is not assignable to type 'SerdeFor<number>'"],
  [
    `logs.mapValues((log) => log.durationMs).groupByKey().reduce((a, b) => a + b, { value: string() })`,
    "Type 'Serde<string>' is not assignable to type 'SerdeFor<number>'",
  ],
  [`logs.groupBy((_, log) => log.service)`, 'groupBy: the serde of the new key is missing: give it as { key }'],
  [`rekeyed.groupByKey()`, 'groupByKey: the serde of the key is missing'],
  [`rekeyed.to('out')`, 'to: the serde of the key is missing'],
  [`builder.stream('in')`, 'pass the serdes of the source as { key, value }, or pass defaults to the builder'],
  [
    `logs.mapValues(async (log) => log.service)`,
    'the function returns a promise, which no operator waits for: use mapValuesAsync',
  ],
  [
    `owners.join(owners, (_, owner) => owner.service, (left, right) => left.service + right.service)`,
    'to join by a function that returns the key of the other table, use foreignKeyJoin',
  ],
  [`logs.merge(counts)`, 'merged streams must have the same types of key and value: map one of them first'],
]

describe('a mistake does not compile, and the compiler says in a sentence', () => {
  let reportOf: (line: string) => string

  beforeAll(async () => {
    const firstLine = setting.split('\n').length + 1
    const report = await compile(setting + mistakes.map(([line]) => line).join('\n'))
    const parts = report.split(/^(?=\S)/m)
    reportOf = (line) => {
      const at = firstLine + mistakes.findIndex(([other]) => other === line)
      return parts.filter((part) => part.includes(`program.ts(${at},`)).join('')
    }
  })

  test.each(mistakes)('%s', (line, sentence) => {
    expect(reportOf(line)).toContain(sentence)
  })

  test('what is right does compile', async () => {
    const program = `${setting}
rekeyed.to('out', { key: long() })
logs.join(counts, (log, count) => log.service + count, { windows })
logs.leftJoin(owners, (log, owner) => owner?.service ?? log.service)
logs.outerJoin(counts, (log, count) => log?.service ?? count, { windows })
owners.outerJoin(owners, (left, right) => left ?? right)
logs.merge(owners.toStream())
`
    expect(await compile(program)).toBe('')
  })
})
