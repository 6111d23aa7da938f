import { describe, expect, test } from '@jest/globals'
import type { AlertRequest } from '../../../../src/alerts/notices/alert-request.ts'
import type { NoticesDefinition } from '../../../../src/alerts/notices/definition.ts'
import { notices } from '../../../../src/alerts/notices/load-notices.ts'
import { Desk } from './desk.ts'

const who: NoticesDefinition = {
  receivers: [
    { name: 'chat', quietHours: { zone: 'UTC', times: [{ from: '00:00', to: '24:00' }], passes: 'none' } },
    { name: 'tickets' },
  ],
  routes: [{ name: 'all', receivers: ['chat'], escalate: false, wait: '0s', repeat: 'never', interval: '1s' }],
  requests: { escalate: ['chat'], incident: ['tickets'] },
}

/** What somebody asks for about the group that fires. */
function asked(desk: Desk, request: AlertRequest['request']): AlertRequest {
  const [state] = desk.states.values()
  return { request, dedupKey: state?.episode?.dedupKey ?? 'all/none@1', by: 'ann', timeMs: desk.nowMs }
}

const told = ({ notices: all }: Desk) => all.map(({ kind, receiver, title }) => `${kind} ${receiver}: ${title}`)

describe('what people ask for', () => {
  test('is sent at once to those who are named, at any hour, once in an episode, and so is its end', () => {
    const desk = new Desk(who)
    desk.fire('checkout')
    const request = asked(desk, 'incident')
    expect([desk.ask(request), desk.ask(request)]).toEqual([true, false])
    expect(desk.ask(asked(desk, 'escalate'))).toBe(true)
    desk.pass(1000)
    desk.resolve('checkout')
    desk.pass(5000)
    expect(told(desk).filter((line) => line.includes('checkout'))).toEqual([
      'incident tickets: ann asks for an incident: errors of checkout',
      'escalate chat: ann escalates: errors of checkout',
      'resolve chat: Resolved: errors of checkout',
      'resolve tickets: Resolved: errors of checkout',
    ])
    expect(new Set(desk.notices.map(({ id }) => id)).size).toBe(desk.notices.length)
  })

  test('is ignored where nothing fires, and where nobody is named', () => {
    const { requests: _, ...others } = who
    const desk = new Desk(others)
    expect(desk.ask(asked(desk, 'incident'))).toBe(false)
    desk.fire('checkout')
    expect(desk.ask(asked(desk, 'incident'))).toBe(false)
    expect(desk.notices.map(({ kind }) => kind)).not.toContain('incident')
  })

  test('goes to no receiver that is not there', () => {
    expect(() => notices({ ...who, requests: { incident: ['nobody'] } })).toThrow(/there is no receiver 'nobody'/)
  })
})
