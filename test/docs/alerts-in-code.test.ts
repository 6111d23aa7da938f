import { expect, test } from '@jest/globals'
import { loadNotices, loadRules } from '../../src/alerts/index.ts'
// #region rules
import { notices, rule, runAlertExamples, type NoticesDefinition, type RuleFile } from '../../src/alerts/index.ts'

const file: RuleFile = {
  rules: ['checkout', 'search'].map((service) => ({
    name: `${service}-errors`,
    kind: 'threshold',
    where: `service == '${service}' and level == 'error'`,
    window: '5m',
    fire: '> 100',
    examples: [
      {
        name: 'an error per second',
        logs: [{ at: '0s', times: 200, log: { service, level: 'error' } }],
        expect: [
          { at: '90s', status: 'firing' },
          { at: '405s', status: 'resolved' },
        ],
      },
    ],
  })),
}
const who: NoticesDefinition = {
  receivers: [{ name: 'chat' }],
  routes: [{ name: 'all', receivers: ['chat'], repeat: '4h' }],
}

const plan = notices(who)
const differences = runAlertExamples(file.rules.map(rule)).flatMap((result) => result.differences)
// #endregion

test('rules and notices from code are right, and are the same as a file of JSON', () => {
  expect(differences).toEqual([])
  expect(loadRules(JSON.stringify(file), 'rules.json').map(({ name }) => name)).toEqual([
    'checkout-errors',
    'search-errors',
  ])
  expect(loadNotices(JSON.stringify(who), 'notices.json').receivers).toEqual(plan.receivers)
})
