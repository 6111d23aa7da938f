import { expect, test } from '@jest/globals'
import { opsgenieNotifier } from '../../../../src/alerts/notifiers/opsgenie/opsgenie-notifier.ts'
import { pagerDutyNotifier } from '../../../../src/alerts/notifiers/pagerduty/pagerduty-notifier.ts'
import { slackNotifier } from '../../../../src/alerts/notifiers/slack/slack-notifier.ts'
import { webhookNotifier } from '../../../../src/alerts/notifiers/webhook/webhook-notifier.ts'

function problemsOf(make: () => unknown): readonly string[] {
  try {
    make()
    return []
  } catch (error) {
    return (error as { details: { problems: readonly string[] } }).details.problems
  }
}

test('all mistakes of a webhook are reported at once, without its secrets', () => {
  const options = {
    name: '',
    url: 'ftp://user:secret@host',
    secret: '',
    body: '{"a": "{{titel}}"}',
    headers: { 'webhook-id': 'x', 'bad name': 'x', good: 'line\nbreak' },
    ratePerMinute: 0,
    retries: 3,
  }
  const problems = problemsOf(() => webhookNotifier(options))
  expect(problems).toEqual([
    'retries is not an option',
    'name is "": give a text that is not empty',
    'ratePerMinute is 0: give an integer from 1 to 6000',
    'url is no http or https address without credentials: copy it as the service shows it',
    'secret is missing or empty',
    'body: {{titel}} is no value of a notice: did you mean title?',
    'headers.webhook-id is set by the notifier itself: remove it',
    'headers.bad name is no name of a header: use letters, digits and hyphens',
    'headers.good is no text of printable ASCII: correct its value',
  ])
})

test.each<[string, () => unknown, string]>([
  ['Slack', () => slackNotifier({ name: 'a' } as never), 'url is missing or empty'],
  ['PagerDuty', () => pagerDutyNotifier({ name: 'a' } as never), 'routingKey is missing or empty'],
  ['Opsgenie', () => opsgenieNotifier({ name: 'a' } as never), 'apiKey is missing or empty'],
])('%s needs its secret', (_, make, problem) => {
  expect(problemsOf(make)).toEqual([problem])
})

test('several messages concurrently are not an option', () => {
  const make = () => slackNotifier({ name: 'a', url: 'https://a.example/x', inFlight: 4 } as never)
  expect(problemsOf(make)).toEqual(['inFlight is 4: leave it out, notices go out one after another'])
})

test('a notifier notifies people again, so that a replay does not write to it', () => {
  expect(slackNotifier({ name: 'a', url: 'https://a.example/x' }).outputClass).toBe('side-effect')
})
