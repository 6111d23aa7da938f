import { expect, test } from '@jest/globals'
import { ServerEventParser } from '../../../console/react/stream/server-events.ts'

const text = 'event: lines\nid: 3k.2x\ndata: {"a":1}\n\n: a comment\n\ndata: one\ndata: two\n\n'
const events = [
  { type: 'lines', id: '3k.2x', data: '{"a":1}' },
  { type: 'message', id: undefined, data: 'one\ntwo' },
]

test('events are what is between empty lines; comments are none', () => {
  expect(new ServerEventParser().push(text)).toEqual(events)
})

test('events are the same wherever the network cuts the text', () => {
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new ServerEventParser()
    expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(events)
  }
})

test('an event without its end does not come', () => {
  expect(new ServerEventParser().push('event: lines\ndata: {"a":1}\n')).toEqual([])
})
