import { expect, test } from '@jest/globals'
import { notices, receiverMistakes } from '../../../../src/alerts/index.ts'

const plan = notices({
  receivers: [{ name: 'log' }, { name: 'chat' }, { name: 'pager' }],
  routes: [{ name: 'all', receivers: ['log', 'chat', 'pager'] }],
})

test('receivers without a notifier and notifiers without a receiver are named together, each with its fix', () => {
  expect(receiverMistakes(plan, ['chat', 'page'])).toEqual([
    'receiver pager has no notifier: add one of this name, or name one of chat, page',
    'notifier page has no receiver: give it the name of one of log, chat, pager, or remove it',
  ])
})

test('the receiver log needs none', () => {
  expect(receiverMistakes(plan, ['chat', 'pager'])).toEqual([])
})

test('without a file of notifiers nobody needs one', () => {
  expect(receiverMistakes(plan, undefined)).toEqual([])
})
