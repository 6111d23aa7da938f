import { describe, expect, test } from '@jest/globals'
import { imported } from '../../../support/imported.ts'

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
    expect(imported('vector', text)).toEqual({
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
    const { steps: made, notConverted } = imported('vector', text)
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
    expect(imported('vector', text)).toEqual({
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
    expect(imported('vector', text)).toEqual({
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
    expect(imported('vector', text).notConverted).toEqual([
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
    expect(imported('vector', text)).toEqual({
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
    expect(imported('vector', text)).toEqual({ steps, notConverted: [] })
  })
})
