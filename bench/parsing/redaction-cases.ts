import { createRedactor, failedLogin, type Fields } from '../../src/pipelines/index.ts'
import type { ParseCase } from './parse-case.ts'

const line = 'order 4711 of customer 99 was sent to 203.0.113.9 after 12.5 ms, trace 4bf92f3577b34da6a3ce929d0e0e4736 '
const fields: Fields = {
  timestamp: 1795507199123,
  level: 'info',
  message: line,
  service: 'orders',
  attributes: { path: '/orders/4711', agent: 'curl/8.5.0', parts: ['a', 'b'], retry: false },
}

const texts: Readonly<Record<string, string>> = {
  'a line with nothing to hide': line,
  '10 KiB with nothing to hide': line.repeat(100),
  'a line with a password': `${line} password=tr0ub4dor`,
  'a line with a card': `${line} card 4111 1111 1111 1111`,
  'a line with an e-mail address': `${line} ann@example.org`,
}

const events: Readonly<Record<string, Fields>> = {
  'fields with nothing to hide': fields,
  'fields with a secret name': { ...fields, password: 'tr0ub4dor' },
  'fields with a card in a nested list': { ...fields, paid: { by: ['4111111111111111'] } },
}

/** What the default rules cost, on texts, on JSON and on the fields of an event. */
export function redactionCases(): readonly ParseCase[] {
  const redactor = createRedactor()
  const json = JSON.stringify(fields)
  return [
    ...Object.entries(texts).map(([name, text]) => ({
      name,
      bytes: text.length,
      run: () => void redactor.redactText(text),
    })),
    { name: 'JSON with nothing to hide', bytes: json.length, run: () => void redactor.redactJson(json) },
    // It is done in place: fields are hidden in a copy, which costs little beside it.
    ...Object.entries(events).map(([name, event]) => ({
      name,
      bytes: JSON.stringify(event).length,
      run: () => void redactor.redactFields(copyOf(event)),
    })),
  ]
}

function copyOf({ paid, ...event }: Fields): Fields {
  return paid === undefined ? { ...event } : { ...event, paid: { by: ['4111111111111111'] } }
}

const logins: Readonly<Record<string, string>> = {
  'a line that tells of none': line,
  'a failed password of sshd': 'Failed password for invalid user admin from 203.0.113.9 port 51122 ssh2',
  'an authentication failure of PAM': 'pam_unix(sshd:auth): authentication failure; logname= uid=0 rhost=192.0.2.4',
}

/** What it costs to look for a failed login. */
export function loginCases(): readonly ParseCase[] {
  return Object.entries(logins).map(([name, text]) => ({
    name,
    bytes: text.length,
    run: () => void failedLogin({ text, message: text, isFlat: true }),
  }))
}
