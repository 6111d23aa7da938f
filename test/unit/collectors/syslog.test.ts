import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/index.ts'
import { until } from '../../support/until.ts'
import { scene } from './scene.ts'

const syslogTcp = { port: 0 }
const syslogUdp = { port: 0 }

function sendTcp(port: number | undefined, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port ?? 0, '127.0.0.1', () => socket.end(text))
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
  })
}

test('lines and counted messages of connections become records, with the address of the sender as their key', async () => {
  const here = await scene({ syslogTcp }, 4)
  await sendTcp(here.collector.ports.syslogTcp, '<34>one\n7 <34>two<34>three\n')
  await until(() => here.values().length === 3)
  expect(here.values()).toEqual(['<34>one', '<34>two', '<34>three'])
  expect(here.keys()).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1'])
})

test('datagrams become records', async () => {
  const here = await scene({ syslogUdp })
  const socket = createSocket('udp4')
  for (const text of ['<34>one\n', '\n', '<34>two'])
    await new Promise((resolve) => socket.send(text, here.collector.ports.syslogUdp ?? 0, '127.0.0.1', resolve))
  await until(() => here.values().length === 2)
  socket.close()
  expect(here.values()).toEqual(['<34>one', '<34>two'])
})

test('lines are stored again until Kafka has them, in order, while their sender is stopped', async () => {
  const here = await scene({ syslogTcp, pendingBytesMax: 20_000, deliveryTimeoutMs: 100 })
  here.kafka.cluster.faults.silence('collector', 'cut')
  const lines = Array.from({ length: 20_000 }, (_, index) => `<34>line ${index}`)
  const sent = sendTcp(here.collector.ports.syslogTcp, `${lines.join('\n')}\n`)
  await until(() => here.logger.at('error').length > 0)
  here.kafka.cluster.faults.hear('collector')
  await sent
  await until(() => here.collector.status().inputs['syslog-tcp']?.accepted === lines.length)
  expect([...new Set(here.values())]).toEqual(lines)
}, 60_000)

test('a line that the topic finds too large is refused by itself, and those behind it are stored', async () => {
  const here = await scene({ syslogTcp })
  here.kafka.cluster.faults.failNextSend(new MillraceError('MESSAGE_TOO_LARGE', 'record', 'the topic takes less'))
  await sendTcp(here.collector.ports.syslogTcp, `<34>${'x'.repeat(500)}\n<34>one\n`)
  await until(() => here.values().includes('<34>one'))
  await until(() => here.collector.status().inputs['syslog-tcp']?.refused['too-large'] === 1)
  expect(here.values().filter((value) => value !== '<34>one')).toEqual([])
})

test('datagrams that find no room are counted and logged', async () => {
  const here = await scene({ syslogUdp, pendingBytesMax: 300 })
  here.kafka.cluster.faults.silence('collector', 'cut')
  const socket = createSocket('udp4')
  const refused = () => here.collector.status().inputs['syslog-udp']?.refused['no-room'] ?? 0
  await until(async () => {
    await new Promise((resolve) => socket.send('<34>one', here.collector.ports.syslogUdp ?? 0, '127.0.0.1', resolve))
    return refused() > 0
  })
  socket.close()
  here.kafka.cluster.faults.hear('collector')
  expect(here.logger.at('warn').map(({ fields }) => fields.reason)).toEqual(['no-room'])
})

test('a close stores what was received, and counts what it cannot store', async () => {
  const here = await scene({ syslogTcp, drainTimeoutMs: 500 })
  await sendTcp(here.collector.ports.syslogTcp, '<34>one\n')
  await until(() => here.values().length === 1)
  here.kafka.cluster.faults.silence('collector', 'cut')
  await sendTcp(here.collector.ports.syslogTcp, '<34>two\n<34>three\n')
  await until(() => here.collector.status().pendingBytes > 0)
  await here.collector.close()
  expect(here.collector.status().inputs['syslog-tcp']).toEqual({ accepted: 1, refused: { 'not-stored': 2 } })
})
