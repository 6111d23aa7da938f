import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { type AlertFileSettings, readAlertFiles, unreachedReceivers } from '../../../fleet/alert-files.ts'
import { silentLogger } from '../../../src/core/logger.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-alert-files-'))

afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const noticesFile = file(
  'notices.yaml',
  'receivers: [{ name: chat }, { name: log }]\nroutes: [{ name: all, receivers: [chat, log] }]\n',
)
const notifiersFile = file('notifiers.yaml', 'notifiers: [{ name: chat, slack: { url: { env: CHAT } } }]\n')
const environment = { CHAT: 'https://hooks.slack.com/services/T/B/x' }

function read(settings: AlertFileSettings, variables: Record<string, string> = environment) {
  return readAlertFiles({ alerts: settings, security: {} }, silentLogger, variables)
}

function mistakesOf(settings: AlertFileSettings): string {
  try {
    read(settings)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('the files about alerts', () => {
  test('are the rules of the fleet and a receiver log where no setting names any', () => {
    const { rules, notices, notifiers } = read({})
    expect([rules.length > 0, [...notices.receivers.keys()], notifiers]).toEqual([true, ['log'], []])
  })

  test('are those of the settings', () => {
    const { notices, notifiers } = read({ noticesFile, notifiersFile })
    expect([[...notices.receivers.keys()], notifiers.map(({ name }) => name)]).toEqual([['chat', 'log'], ['chat']])
  })

  test('name the topics that are judged by models, where a setting names their file', () => {
    const watchesFile = file('watches-2.yaml', 'watches: [{ name: rates, topic: fastmcp-error-rates }]\n')
    expect(read({}).watches).toEqual([])
    expect(read({ watchesFile }).watches).toMatchObject([{ name: 'rates', topic: 'fastmcp-error-rates' }])
  })

  test('may leave receivers without notifiers where no file of notifiers is named', () => {
    expect(unreachedReceivers(read({ noticesFile }).notices, { noticesFile })).toEqual(['chat'])
  })

  test('are refused with the mistakes of all of them', () => {
    const rulesFile = file('rules.yaml', 'rules: [{ name: a, kind: nothing }]\n')
    const wrongNotices = file('wrong.yaml', 'receivers: [{ name: chat }]\nroutes: []\n')
    const wrongNotifiers = file('notifiers-2.yaml', 'notifiers: [{ name: page, slack: { url: { env: NOWHERE } } }]\n')
    const watchesFile = file('watches.yaml', 'watches: [{ name: rates }]\n')
    const text = mistakesOf({ rulesFile, noticesFile: wrongNotices, notifiersFile: wrongNotifiers, watchesFile })
    const isIn = (word: string) => text.includes(word)
    expect(['nothing', 'routes', 'NOWHERE', 'topic'].map(isIn)).toEqual([true, true, true, true])
  })

  test('are refused where a receiver has no notifier, or a notifier no receiver', () => {
    const others = file('notifiers-3.yaml', 'notifiers: [{ name: page, slack: { url: { env: CHAT } } }]\n')
    const text = mistakesOf({ noticesFile, notifiersFile: others })
    expect(text.split('\n').map((line) => line.split(':')[0])).toEqual([
      'receiver chat has no notifier',
      'notifier page has no receiver',
    ])
  })
})
