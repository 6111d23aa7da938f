import { describe, expect, test } from '@jest/globals'
import { finishedFields, importedPipeline, loadPipeline } from '../../../../src/pipelines/index.ts'
import { imported } from '../../../support/imported.ts'

describe('a configuration of Logstash', () => {
  test('becomes steps, and branches stay branches', () => {
    const text = `
input { kafka { topics => ["a", "b"] } }
filter {
  # comments are left out
  if [type] == "access" and [status] >= 500 {
    mutate { add_tag => ["failed"] rename => { "[user][name]" => "user" } }
  } else if "debug" in [tags] or ![message] {
    drop { }
  } else {
    mutate {
      gsub => [ "message", "\\d{16}", "card", "path", "/", "_" ]
      convert => { "bytes" => "integer" }
      remove_field => [ "host", "[a][b]" ]
    }
  }
  date { match => [ "time", "dd/MMM/yyyy:HH:mm:ss Z", "ISO8601" ] timezone => "Europe/Berlin" }
  useragent { source => "agent" target => "ua" add_field => { "seen" => "yes %{ua}" } }
}
output { elasticsearch { hosts => "http://localhost:9200" } }
`
    expect(imported('logstash', text)).toEqual({
      steps: [
        {
          when: '[type] == "access" and [status] >= 500',
          steps: [{ mutate: { tag: ['failed'], rename: { 'user.name': 'user' } } }],
          else: [
            {
              when: '[tags] contains "debug" or not exists([message])',
              steps: [{ drop: {} }],
              else: [
                {
                  mutate: {
                    gsub: { message: ['\\d{16}', 'card'], path: ['/', '_'] },
                    convert: { bytes: 'number' },
                    remove: ['host', 'a.b'],
                  },
                },
              ],
            },
          ],
        },
        {
          date: {
            field: 'time',
            patterns: ['dd/MMM/yyyy:HH:mm:ss Z', 'ISO8601'],
            zone: 'Europe/Berlin',
            into: '@timestamp',
          },
        },
        { useragent: { field: 'agent', into: 'ua' } },
        { mutate: { add: { seen: 'yes %{ua}' } } },
      ],
      notConverted: [],
    })
  })

  test('finds the lines of Filebeat as they came, as in Logstash', () => {
    const text = `filter {
  grok {
    match => { "message" => "%{COMBINEDAPACHELOG}" }
    tag_on_failure => ["_nginx_failure"]
    remove_field => ["message"]
  }
  date {
    match => ["timestamp", "dd/MMM/yyyy:HH:mm:ss Z"]
    remove_field => ["timestamp"]
  }
  if "_nginx_failure" in [tags] or "_dateparsefailure" in [tags] { mutate { add_tag => "unread" } }
}`
    const run = loadPipeline(importedPipeline('logstash', text, 'nginx.conf').text, 'nginx.yaml').open()
    const fieldsOf = (message: string) => {
      const record = { '@timestamp': '2026-11-29T08:00:07.000Z', host: { name: 'web-1' }, message }
      return run.read(JSON.stringify(record), 0, 'web')?.map(finishedFields)
    }
    expect(fieldsOf('203.0.113.9 - - [29/Nov/2026:08:00:00 +0000] "GET /a HTTP/1.1" 500 12 "-" "curl/8"')).toEqual([
      expect.objectContaining({
        timestamp: Date.parse('2026-11-29T08:00:00Z'),
        clientip: '203.0.113.9',
        response: 500,
        host: 'web-1',
      }),
    ])
    // A line that does not match keeps its message: Logstash removes a field only where grok matched.
    expect(fieldsOf('no access line')).toEqual([
      expect.objectContaining({
        timestamp: Date.parse('2026-11-29T08:00:07Z'),
        message: 'no access line',
        tags: ['_parse_failure', '_nginx_failure', 'unread'],
      }),
    ])
  })

  test('has the parts of a mutate in the order in which Logstash applies them', () => {
    const text = `filter {
  mutate {
    add_field => { "c" => "3" }
    update => { "d" => "4" }
    convert => { "b" => "integer" }
    rename => { "a" => "b" }
  }
}`
    expect(imported('logstash', text).steps).toEqual([
      { mutate: { rename: { a: 'b' } } },
      { mutate: { set: { d: '4' } }, when: 'exists(d)' },
      { mutate: { convert: { b: 'number' }, add: { c: '3' } } },
    ])
  })

  test('drops the share of events that it names, and never all of them in its place', () => {
    const text = 'filter {\n drop { percentage => 90 }\n drop { percentage => 40 }\n}'
    expect(imported('logstash', text)).toEqual({
      steps: [{ sample: { oneIn: 10, errors: true } }],
      notConverted: [{ line: 3, what: 'drop: percentage 40: use sample, which keeps one of so many' }],
    })
  })

  test('keeps settings that are there several times, and fields that are changed several times', () => {
    const text = `filter {
  mutate {
    add_field => { "a" => "1" }
    add_field => { "b" => "2" }
    rename => ["c", "d"]
    rename => ["e", "f"]
    gsub => ["message", "x", "y", "path", "/", "_", "message", "y", "z"]
    strip => ["message"]
  }
  grok { match => { "message" => "%{IP:ip}" } match => { "message" => ["%{INT:n}", "%{WORD:w}"] } }
}`
    expect(imported('logstash', text)).toEqual({
      steps: [
        { mutate: { rename: { c: 'd', e: 'f' }, gsub: { message: ['x', 'y'], path: ['/', '_'] } } },
        { mutate: { gsub: { message: ['y', 'z'] }, trim: ['message'], add: { a: '1', b: '2' } } },
        { grok: { field: 'message', match: ['%{IP:ip}', '%{INT:n}', '%{WORD:w}'] } },
      ],
      notConverted: [],
    })
  })

  test('names what only a part of a plugin says', () => {
    const text = `filter {
  grok { match => { "message" => "%{IP:ip}" "other" => "%{INT:n}" } tag_on_failure => ["a", "b"] }
  mutate { convert => { "n" => "integer_eu" } }
  mutate { add_field => { "index" => "\${PREFIX}-%{+YYYY.MM.dd}" } }
  csv { separator => ";" }
  if [a] xor [b] { drop {} } else { mutate { add_tag => "c" } }
}`
    expect(imported('logstash', text)).toEqual({
      steps: [
        { grok: { field: 'message', match: ['%{IP:ip}'] }, tagOnFailure: 'a' },
        { mutate: { add: { index: '${PREFIX}-%{+YYYY.MM.dd}' } } },
        { csv: { field: 'message', separator: ';' } },
      ],
      notConverted: [
        { line: 2, what: 'grok: match of other: Logstash tries it where message does not match' },
        { line: 2, what: 'grok: tag_on_failure b: a step has one' },
        { line: 3, what: 'mutate: convert n to integer_eu' },
        { line: 4, what: '${PREFIX} is no variable here: put its value there', isKept: true },
        { line: 4, what: '%{+YYYY.MM.dd} is no date here: use the field timestamp', isKept: true },
        { line: 6, what: 'the condition [a] xor [b], with what it holds and the branches behind it' },
      ],
    })
  })

  test('has the options of parsers and of mutate', () => {
    const text = `filter {
  grok { match => ["message", "%{INT:n}", "message", "%{WORD:w}"] break_on_match => false }
  kv { include_keys => ["a", "b"] exclude_keys => "c" prefix => "p_" trim_value => "<>" }
  csv { columns => ["a", "b"] quote_char => "'" skip_header => true skip_empty_columns => "true" convert => { "a" => "integer" } }
  dissect { mapping => { "message" => "%{a} %{b}" } convert_datatype => { "a" => "int" } }
  mutate {
    capitalize => ["a"]
    merge => { "all" => "more" }
    add_field => { "list" => ["x", "%{[a][b]}"] }
    remove_tag => ["_grokparsefailure", "beats"]
  }
  translate { source => "a" target => "b" dictionary => { "^5" => "bad" } regex => true override => false }
  xml { source => "raw" target => "doc" }
}`
    expect(imported('logstash', text)).toEqual({
      steps: [
        { grok: { field: 'message', match: ['%{INT:n}', '%{WORD:w}'], all: true } },
        { kv: { field: 'message', only: ['a', 'b'], except: ['c'], prefix: 'p_', trim: '<>' } },
        { csv: { field: 'message', columns: ['a', 'b'], quote: "'", skipHeader: true, keepEmpty: false } },
        { mutate: { convert: { a: 'number' } } },
        { dissect: { field: 'message', mapping: '%{a} %{b}' } },
        { mutate: { convert: { a: 'number' } } },
        {
          mutate: {
            capitalize: ['a'],
            merge: { all: 'more' },
            add: { list: ['x', '%{[a][b]}'] },
            untag: ['_parse_failure', 'beats'],
          },
        },
        { translate: { field: 'a', into: 'b', table: { '^5': 'bad' }, expressions: true, keep: true } },
        { xml: { field: 'raw', into: 'doc' } },
      ],
      notConverted: [],
    })
  })

  test('reads expressions of conditions that hold signs of the configuration', () => {
    const text = `filter {
  if [message] =~ /^#/ { drop { } }
  if [message] !~ /\\{"a": "[^"]*/ or [kind] =~ "^x" { drop { } }
}`
    expect(imported('logstash', text)).toEqual({
      steps: [
        { drop: {}, when: '[message] matches /^#/' },
        { drop: {}, when: 'not [message] matches /\\{"a": "[^"]*/ or [kind] matches "^x"' },
      ],
      notConverted: [],
    })
  })

  test('names what an input adds, and codecs that join lines', () => {
    const text = `input {
  file {
    path => "/var/log/a.log"
    codec => multiline { pattern => "^%{TIMESTAMP_ISO8601}" negate => true what => "previous" }
    tags => ["shop"]
  }
  tcp { port => 5000 codec => json { charset => "UTF-8" } }
}
filter { mutate { lowercase => "a" } }
output { stdout { codec => rubydebug { metadata => true } } }`
    expect(imported('logstash', text)).toEqual({
      steps: [{ mutate: { lowercase: ['a'] } }],
      notConverted: [
        { line: 2, what: expect.stringMatching(/^file: the codec multiline: stack traces are joined/) },
        { line: 2, what: 'file: tags: set them by a mutate' },
      ],
    })
  })

  test('removes the metadata that only Logstash sees', () => {
    const text = 'filter { mutate { add_field => { "[@metadata][index]" => "logs-%{service}" } } }'
    expect(imported('logstash', text).steps).toEqual([
      { mutate: { add: { '@metadata.index': 'logs-%{service}' } } },
      { mutate: { remove: ['@metadata'] } },
    ])
  })

  test('does what a parser says only where that parser could do its work', () => {
    const text = `filter {
  grok { match => { "message" => "^%{IP:ip}$" } add_field => { "first" => "yes" } }
  grok { match => { "message" => "^%{WORD:word}$" } add_field => { "second" => "yes" } }
}`
    const run = loadPipeline(importedPipeline('logstash', text, 'a.conf').text, 'a.yaml').open()
    const [event] = run.read('word', 0, 'web') ?? []
    expect(event?.fields).toMatchObject({ word: 'word', second: 'yes' })
    expect(event?.fields.first).toBeUndefined()
  })

  test('names hashes that are others than before', () => {
    const text = `filter {
  fingerprint { source => ["a", "b"] method => "MURMUR3" key => "k" }
  fingerprint { method => "UUID" }
}`
    expect(imported('logstash', text)).toEqual({
      steps: [{ fingerprint: { fields: ['a', 'b'], into: 'fingerprint', key: 'k' } }],
      notConverted: [
        { line: 2, what: 'fingerprint: method MURMUR3: here it is SHA256, so values are others than before' },
        {
          line: 2,
          what: 'fingerprint: concatenate_sources: Logstash takes the last source only, here all count',
        },
        { line: 3, what: 'fingerprint: method UUID: here it is always a hash' },
      ],
    })
  })

  test('names settings that it does not know, and files that are not here', () => {
    const text = `filter {
  grok { match => { "message" => "%{IP:ip}" } patterns_dir => ["./patterns"] }
  translate { source => "a" target => "b" dictionary_path => "none-here.yml" }
}`
    const { text: yaml, notConverted } = importedPipeline('logstash', text, 'orders.conf')
    expect(yaml).toContain('file: none-here.yml')
    expect(yaml).toContain('- ./patterns')
    expect(notConverted).toEqual([
      { line: 2, what: expect.stringContaining('grok.files.0: '), isKept: true },
      { line: 3, what: expect.stringContaining('none-here.yml cannot be read'), isKept: true },
    ])
  })

  test('names what has no counterpart, with its line', () => {
    const text =
      'filter {\n  ruby { code => "event.cancel" }\n  mutate { coerce => { "a" => "b" } }\n  if [a] xor [b] { drop {} }\n}\n'
    expect(imported('logstash', text).notConverted).toEqual([
      { line: 2, what: 'the plugin ruby: write its code in TypeScript, in a worker of your own' },
      { line: 3, what: 'mutate: coerce' },
      { line: 4, what: 'the condition [a] xor [b], with what it holds' },
    ])
  })
})
