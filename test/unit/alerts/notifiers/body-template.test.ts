import { describe, expect, test } from '@jest/globals'
import { BodyTemplate } from '../../../../src/alerts/notifiers/webhook/body-template.ts'
import { alertOf, noticeOf } from '../../../support/notices.ts'

function problemsOf(text: string): readonly string[] {
  const problems: string[] = []
  new BodyTemplate(text, (sentence) => void problems.push(sentence))
  return problems
}

function rendered(text: string, notice = noticeOf()): unknown {
  expect(problemsOf(text)).toEqual([])
  return JSON.parse(new BodyTemplate(text, () => {}).render(notice))
}

test('a value within quotes is a part of the text, with what JSON escapes', () => {
  const title = 'a "title"\nof two lines \\ end'
  expect(rendered('{"text": "alert: {{title}}!"}', noticeOf({ title }))).toEqual({ text: `alert: ${title}!` })
})

test('a value outside of quotes keeps its type', () => {
  const text = '{"count": {{alertCount}}, "title": {{ title }}, "teams": {{teams}}, "baseline": {{alert.baseline}}}'
  expect(rendered(text)).toEqual({
    count: 1,
    title: 'error-rate on payments',
    teams: ['security-team', 'operations-manager'],
    baseline: 0.01,
  })
})

test('escaped quotes do not end a text', () => {
  expect(rendered(String.raw`{"text": "a \" {{severity}}", "other": {{alertCount}}}`)).toEqual({
    text: 'a " high',
    other: 1,
  })
})

test('fields of the group, links and labels have names of their own', () => {
  const alerts = [alertOf({ group: { 'kubernetes.pod': 'p-1' } })]
  const text =
    '{"pod": "{{alert.group.kubernetes.pod}}", "team": "{{alert.labels.team}}", "run": "{{alert.links.runbook}}"}'
  expect(rendered(text, noticeOf({ alerts }))).toEqual({
    pod: 'p-1',
    team: 'payments',
    run: 'https://runbooks.example.com/payments',
  })
})

test('lists of texts are joined within quotes', () => {
  expect(rendered('{"teams": "{{teams}}"}')).toEqual({ teams: 'security-team, operations-manager' })
})

test('what a notice does not have is empty within quotes and null elsewhere', () => {
  const notice = noticeOf({ alerts: [] })
  expect(rendered('{"a": "{{alert.rule}}", "b": {{alert.rule}}, "c": "{{alert.group.none}}"}', notice)).toEqual({
    a: '',
    b: null,
    c: '',
  })
})

describe('mistakes are found when it is loaded', () => {
  test.each([
    ['{"a": "{{titel}}"}', '{{titel}} is no value of a notice: did you mean title?'],
    ['{"a": "{{alert.sumary}}"}', '{{alert.sumary}} is no value of a notice: did you mean alert.summary?'],
    ['{"a": "{{alert.rule.name}}"}', '{{alert.rule.name}} is no value of a notice: did you mean alert.rule?'],
    ['{"a": "{{constructor}}"}', '{{constructor}} is no value of a notice'],
    ['{"a": {{title}}', 'the body is no JSON when its values are filled in'],
    ['{{title}} is firing', 'the body is no JSON when its values are filled in'],
  ])('%s', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)])
  })

  test('all of them at once', () => {
    expect(problemsOf('{"a": "{{titel}}", "b": "{{kindd}}"}')).toHaveLength(2)
  })
})
