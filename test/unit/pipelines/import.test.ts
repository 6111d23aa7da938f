import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { importedPipeline, type ImportSource, loadPipeline } from '../../../src/pipelines/index.ts'

function converted(from: ImportSource, text: string) {
  const result = importedPipeline(from, text, 'orders.conf')
  // What comes out is a pipeline.
  loadPipeline(result.text, 'orders.yaml')
  return { steps: (parse(result.text) as { steps: unknown }).steps, notConverted: result.notConverted }
}

describe('a configuration of Logstash', () => {
  test('becomes steps, and branches become conditions', () => {
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
          mutate: { tag: ['failed'], rename: { 'user.name': 'user' } },
          when: '([type] == "access" and [status] >= 500)',
        },
        {
          drop: {},
          when: 'not ([type] == "access" and [status] >= 500) and ([tags] contains "debug" or not exists([message]))',
        },
        {
          mutate: {
            gsub: { message: ['\\d{16}', 'card'], path: ['/', '_'] },
            convert: { bytes: 'number' },
            remove: ['host', 'a.b'],
          },
          when: 'not ([type] == "access" and [status] >= 500) and not ([tags] contains "debug" or not exists([message]))',
        },
        { date: { field: 'time', patterns: ['dd/MMM/yyyy:HH:mm:ss Z', 'ISO8601'], zone: 'Europe/Berlin' } },
        { useragent: { field: 'agent', into: 'ua' } },
        { mutate: { set: { seen: 'yes %{ua}' } } },
      ],
      notConverted: [],
    })
  })

  test('names what has no counterpart, with its line', () => {
    const text =
      'filter {\n  ruby { code => "event.cancel" }\n  mutate { capitalize => ["a"] }\n  if [a] xor [b] { drop {} }\n}\n'
    expect(converted('logstash', text).notConverted).toEqual([
      { line: 2, what: 'the plugin ruby' },
      { line: 3, what: 'mutate: capitalize' },
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
        { line: 34, what: 'script: the transform lua' },
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
