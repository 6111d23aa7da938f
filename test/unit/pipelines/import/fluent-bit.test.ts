import { expect, test } from '@jest/globals'
import { imported } from '../../../support/imported.ts'

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
  expect(imported('fluent-bit', text)).toEqual({
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
  expect(imported('fluent-bit', text)).toEqual({
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
  expect(imported('fluent-bit', text)).toEqual({
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
  expect(imported('fluent-bit', text)).toEqual({
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
  expect(imported('fluent-bit', text)).toEqual({
    steps: [],
    notConverted: [{ line: 5, what: 'the condition A_key_matches ^x, with the rules of its filter' }],
  })
})
