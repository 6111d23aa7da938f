import { compileCondition } from '../conditions/condition.ts'

const field = String.raw`(?:\[[^[\]"']+\])+`
const text = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`

/** What Logstash names by plugin. */
export const failureTag = '_parse_failure'
export const failureTags: ReadonlySet<string> = new Set(
  '_grokparsefailure _dateparsefailure _jsonparsefailure _csvparsefailure _dissectfailure _xmlparsefailure _kv_filter_error'.split(
    ' ',
  ),
)

/** Forms of Logstash, and ours. */
const forms: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`(["'])(?:${[...failureTags].join('|')})\\1`, 'g'), `"${failureTag}"`],
  [new RegExp(`(${text}) not in (${field})`, 'g'), 'not ($2 contains $1)'],
  [new RegExp(`(${text}) in (${field})`, 'g'), '$2 contains $1'],
  [new RegExp(`(${field}) !~ `, 'g'), 'not $1 matches '],
  [/ =~ /g, ' matches '],
  [/ nand | xor /g, ' ? '],
  [/!\s*(?=\(|\[)/g, 'not '],
  // A field by itself is there.
  [new RegExp(`(^|[(]|and |or |not )\\s*(${field})(?=\\s*(?:$|[)]|and |or ))`, 'g'), '$1exists($2)'],
]

/** A condition of Logstash as one of ours; undefined where it has no counterpart. */
export function logstashCondition(condition: string): string | undefined {
  const converted = forms.reduce((result, [form, ours]) => result.replace(form, ours), condition)
  try {
    compileCondition(converted)
    return converted
  } catch {
    return undefined
  }
}
