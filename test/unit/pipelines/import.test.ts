import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { finishedFields, importedPipeline, type ImportSource, loadPipeline } from '../../../src/pipelines/index.ts'

function converted(from: ImportSource, text: string) {
  const result = importedPipeline(from, text, 'orders.conf')
  // What comes out is a pipeline.
  loadPipeline(result.text, 'orders.yaml')
  return { steps: (parse(result.text) as { steps: unknown }).steps, notConverted: result.notConverted }
}

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
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text).steps).toEqual([
      { mutate: { rename: { a: 'b' } } },
      { mutate: { set: { d: '4' } }, when: 'exists(d)' },
      { mutate: { convert: { b: 'number' }, add: { c: '3' } } },
    ])
  })

  test('drops the share of events that it names, and never all of them in its place', () => {
    const text = 'filter {\n drop { percentage => 90 }\n drop { percentage => 40 }\n}'
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text)).toEqual({
      steps: [{ mutate: { lowercase: ['a'] } }],
      notConverted: [
        { line: 2, what: expect.stringMatching(/^file: the codec multiline: stack traces are joined/) },
        { line: 2, what: 'file: tags: set them by a mutate' },
      ],
    })
  })

  test('removes the metadata that only Logstash sees', () => {
    const text = 'filter { mutate { add_field => { "[@metadata][index]" => "logs-%{service}" } } }'
    expect(converted('logstash', text).steps).toEqual([
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
    expect(converted('logstash', text)).toEqual({
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
    expect(converted('logstash', text).notConverted).toEqual([
      { line: 2, what: 'the plugin ruby: write its code in TypeScript, in a worker of your own' },
      { line: 3, what: 'mutate: coerce' },
      { line: 4, what: 'the condition [a] xor [b], with what it holds' },
    ])
  })
})

test('a configuration of Fluent Bit becomes steps, and what has no counterpart is named', () => {
  const text = `[SERVICE]
    Flush 1
[FILTER]
    Name    grep
    Match   *
    Exclude log /healthz
    Regex   level ^(error|warn)$
[FILTER]
    Name    modify
    Match   app.*
    Rename  usr user
    Set     team payments
    Remove  pid
[FILTER]
    Name     throttle
    Match    *
    Rate     10
    Window   5
    Interval 1s
[FILTER]
    Name    lua
    Match   *
`
  expect(converted('fluent-bit', text)).toEqual({
    steps: [
      { drop: {}, when: 'log matches /\\/healthz/' },
      { drop: {}, when: 'not level matches /^(error|warn)$/' },
      { mutate: { rename: { usr: 'user' } }, when: 'not exists(user)' },
      { mutate: { set: { team: 'payments' } } },
      { mutate: { remove: ['pid'] } },
      { throttle: { events: 50, within: '5s' } },
    ],
    notConverted: [
      { line: 8, what: 'Match app.*: the steps are applied to all records' },
      { line: 20, what: 'the filter lua' },
    ],
  })
})

test('a configuration of Fluent Bit in YAML becomes the same steps', () => {
  const text = `pipeline:
  filters:
    - name: grep
      match: '*'
      exclude: log /healthz
    - name: modify
      match: '*'
      set:
        - team payments
        - cluster eu
`
  expect(converted('fluent-bit', text)).toEqual({
    steps: [
      { drop: {}, when: 'log matches /\\/healthz/' },
      { mutate: { set: { team: 'payments' } } },
      { mutate: { set: { cluster: 'eu' } } },
    ],
    notConverted: [],
  })
})

test('what only a part of a filter of Fluent Bit says is named', () => {
  const text = `@INCLUDE others.conf
[FILTER]
    Name grep
    Match_Regex ^app
    Logical_Op or
    Exclude log a
[FILTER]
    Name modify
    Match *
    Alias cluster
    Copy a b
    Set cluster \${CLUSTER}
    Remove_wildcard tmp
`
  expect(converted('fluent-bit', text)).toEqual({
    steps: [
      { drop: {}, when: 'log matches /a/' },
      { mutate: { copy: { a: 'b' } }, when: 'not exists(b)' },
      { mutate: { set: { cluster: '${CLUSTER}' } } },
    ],
    notConverted: [
      { line: 1, what: '@INCLUDE others.conf' },
      { line: 2, what: 'Match ^app: the steps are applied to all records' },
      { line: 5, what: 'logical_op or: each rule is applied by itself' },
      { line: 12, what: '${CLUSTER} is no variable here: put its value there', isKept: true },
      { line: 13, what: 'remove_wildcard tmp' },
    ],
  })
})

test('the conditions of a filter of Fluent Bit hold for all of its rules', () => {
  const text = `[FILTER]
    Name modify
    Match *
    Condition Key_exists log
    Condition Key_value_does_not_equal env it's
    Condition Key_value_matches path ^/a b
    Set env b
    Set c d
`
  expect(converted('fluent-bit', text)).toEqual({
    steps: [
      {
        when: "exists(log) and env != 'it\\'s' and path matches /^\\/a b/",
        steps: [{ mutate: { set: { env: 'b' } } }, { mutate: { set: { c: 'd' } } }],
      },
    ],
    notConverted: [],
  })
})

test('a filter of Fluent Bit with a condition that is unknown is named, and not applied to all records', () => {
  const text = '[FILTER]\n    Name modify\n    Match *\n    Set a b\n    Condition A_key_matches ^x\n'
  expect(converted('fluent-bit', text)).toEqual({
    steps: [],
    notConverted: [{ line: 5, what: 'the condition A_key_matches ^x, with the rules of its filter' }],
  })
})

test.each(['logstash', 'fluent-bit', 'vector'] as const)('a file that holds nothing of %s is named', (from) => {
  expect(converted(from, '# nothing\n').notConverted).toEqual([
    { line: 1, what: `the file has nothing of ${from} that could be a step` },
  ])
})

describe('a configuration of Vector', () => {
  const steps = [
    { mutate: { set: { team: 'payments' } } },
    { mutate: { rename: { usr: 'user.name' } } },
    { mutate: { remove: ['pid'] } },
    { drop: {}, when: 'not (level != "debug" and exists(message))' },
    { sample: { oneIn: 10, key: '%{trace_id}' } },
    { throttle: { events: 100, within: '5s', key: '%{service}' } },
    { route: { errors: 'level == "error"' } },
  ]

  test('in TOML', () => {
    const text = `[sources.in]
type = "file"

[transforms.clean]
type = "remap"
inputs = ["in"]
source = '''
.team = "payments"
.user.name = del(.usr)
del(.pid)
.x = encode_base64(.y)
'''

[transforms.some]
type = "filter"
inputs = ["clean"]
condition = '.level != "debug" && exists(.message)'

[transforms.sampled]
type = "sample"
rate = 10
key_field = "trace_id"

[transforms.slow]
type = "throttle"
threshold = 100
window_secs = 5
key_field = "{{ service }}"

[transforms.split]
type = "route"
route.errors = '.level == "error"'

[transforms.script]
type = "lua"
`
    expect(converted('vector', text)).toEqual({
      steps,
      notConverted: [
        { line: 4, what: 'clean: .x = encode_base64(.y)' },
        { line: 34, what: 'script: the transform lua: a worker of your own can do that' },
      ],
    })
  })

  test('keeps the blocks of VRL as branches', () => {
    const text = `transforms:
  clean:
    type: remap
    source: |
      if .status >= 500 { # bad
        .severity = "error"
        if exists(.user) { .team = "a"; .tags = push(.tags, "user") }
      } else if includes(["a", "b"], .kind) && .text != "x && y" {
        .severity = "warn"
      } else {
        .severity = "info"
      }
      if string!(.level) == "debug" { abort }
      .team = "{payments"
      if starts_with(.a, "b") { .c = "d" } else { .e = "f" }
`
    const { steps: made, notConverted } = converted('vector', text)
    expect(made).toEqual([
      {
        when: 'status >= 500',
        steps: [
          { mutate: { set: { severity: 'error' } } },
          { when: 'exists(user)', steps: [{ mutate: { set: { team: 'a' } } }, { mutate: { tag: ['user'] } }] },
        ],
        else: [
          {
            when: 'kind in ["a", "b"] and text != "x && y"',
            steps: [{ mutate: { set: { severity: 'warn' } } }],
            else: [{ mutate: { set: { severity: 'info' } } }],
          },
        ],
      },
      { drop: {}, when: 'level == "debug"' },
      { mutate: { set: { team: '{payments' } } },
    ])
    expect(notConverted.map(({ what }) => what)).toEqual([
      'clean: the condition starts_with(.a, "b"), with what it holds and the branches behind it',
    ])
  })

  test('has the transforms behind an output of a route as a branch, in the order of the records', () => {
    const text = `sources:
  in: { type: kafka }
transforms:
  tagged: { type: remap, inputs: [failed], source: '.seen = true' }
  failed: { type: remap, inputs: [split.errors], source: '.kind = "info"' }
  others: { type: remap, inputs: [split._unmatched], source: '.other = true' }
  split:
    type: route
    inputs: [in]
    route: { errors: '.kind == "error"' }
sinks:
  out: { type: console, inputs: [tagged, others] }
`
    expect(converted('vector', text)).toEqual({
      steps: [
        {
          when: 'kind == "error"',
          steps: [{ mutate: { set: { kind: 'info' } } }, { mutate: { set: { seen: true } } }],
        },
        { mutate: { set: { other: true } }, when: 'not (kind == "error")' },
      ],
      notConverted: [],
    })
  })

  test('takes the first of exclusive routes, and writes the routes of sinks', () => {
    const text = `transforms:
  split:
    type: exclusive_route
    inputs: [in]
    routes:
      - { name: bad_ones, condition: '.status >= 500' }
      - { name: all, condition: 'exists(.status)' }
  good: { type: remap, inputs: [split.all], source: '.ok = true' }
sinks:
  out: { type: console, inputs: [split.bad_ones] }
`
    expect(converted('vector', text)).toEqual({
      steps: [
        { route: { 'bad-ones': 'status >= 500', all: 'exists(status)' } },
        { mutate: { set: { ok: true } }, when: 'not (status >= 500) and (exists(status))' },
      ],
      notConverted: [],
    })
  })

  test('names outputs that several components read, and events that several routes would copy', () => {
    const text = `transforms:
  a: { type: remap, inputs: [in], source: '.a = 1' }
  b: { type: remap, inputs: [in], source: '.b = 1' }
  split: { type: route, inputs: [a], route: { x: 'exists(.x)', y: 'exists(.y)' } }
`
    expect(converted('vector', text).notConverted).toEqual([
      { line: 3, what: 'in goes to a and b: here all steps are applied one after another' },
      { line: 4, what: 'split: an event that fits several routes is not copied here', isKept: true },
    ])
  })

  test('names options and inputs that change what a transform does', () => {
    const text = `transforms:
  some: { type: sample, ratio: 0.1, inputs: [split.errors] }
  clean:
    type: remap
    file: clean.vrl
    source: |
      .low = downcase(.level)
      .n = to_int!(.count)
      .n = to_int(.count) ?? 0
`
    expect(converted('vector', text)).toEqual({
      steps: [
        { sample: { oneIn: 1 } },
        { mutate: { copy: { level: 'low' }, lowercase: ['low'] } },
        { mutate: { copy: { count: 'n' }, convert: { n: 'number' } } },
      ],
      notConverted: [
        { line: 2, what: 'some: ratio' },
        { line: 2, what: 'some: its input split.errors: the steps are applied to all records' },
        { line: 4, what: 'clean: file' },
        { line: 4, what: 'clean: .n = to_int(.count) ?? 0' },
      ],
    })
  })

  test('in YAML', () => {
    const text = `transforms:
  clean:
    type: remap
    source: |
      .team = "payments"
      .user.name = del(.usr)
      del(.pid)
  some: { type: filter, condition: '.level != "debug" && exists(.message)' }
  sampled: { type: sample, rate: 10, key_field: trace_id }
  slow: { type: throttle, threshold: 100, window_secs: 5, key_field: '{{ service }}' }
  split: { type: route, route: { errors: '.level == "error"' } }
`
    expect(converted('vector', text)).toEqual({ steps, notConverted: [] })
  })
})
