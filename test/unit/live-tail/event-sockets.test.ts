import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { WebSocket } from 'ws'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { refusal, type StreamedEvent } from './stream-client.ts'

let scene: TailScene
const open: WebSocket[] = []
beforeEach(() => {
  scene = new TailScene()
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate()
  await scene.close()
})

type Message = Pick<StreamedEvent, 'data' | 'id'> & { readonly event: string }

/** Its messages, as they come. */
async function connect({ port }: LiveTailServer, query = '', options: object = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/logs/ws?${query}`, options)
  open.push(socket)
  const messages: Message[] = []
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as Message))
  await once(socket, 'open')
  const lines = () => messages.flatMap(({ data }) => data.lines ?? []).map(({ log }) => log.message)
  await until(() => messages.some(({ event }) => event === 'heartbeat'))
  return { socket, messages, lines }
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** Of a request that is no proper one for a web socket. */
async function statusOf(port: number, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const [response] = (await once(get({ port, path: '/logs/ws', headers, agent: false }), 'response')) as [
    IncomingMessage,
  ]
  return response.resume().statusCode
}

describe('/logs/ws', () => {
  test('gives the lines of a filter, also compressed, and their place', async () => {
    const client = await connect(await scene.serve(), 'levels=error')
    expect(client.socket.extensions).toContain('permessage-deflate')
    scene.write({ message: 'a', level: 'error' })
    scene.write({ message: 'b', level: 'info' })
    scene.write({ message: 'c'.repeat(50_000), level: 'error' })
    await until(() => client.lines().length === 2)
    expect(client.lines()).toEqual(['a', 'c'.repeat(50_000)])
    expect(client.messages.at(-1)).toMatchObject({ event: 'lines', id: '3.0', data: { notShown: { filter: 1 } } })
  })

  test('continues where a client was', async () => {
    const server = await scene.serve()
    const first = await connect(server)
    scene.writeNumbers(0, 4)
    await until(() => first.lines().length === 4)
    first.socket.terminate()
    scene.writeNumbers(4, 8)
    const second = await connect(server, `lastEventId=${first.messages.at(-1)?.id}`)
    await until(() => second.lines().length >= 4)
    expect(second.lines().toSorted()).toEqual(['line 4', 'line 5', 'line 6', 'line 7'])
  })

  test('loses lines of a slow client only, and counts them', async () => {
    const server = await scene.serve({ queueLinesMax: 60, linesPerSecondMax: 1_000_000 })
    const options = { perMessageDeflate: false }
    const [slow, quick] = [await connect(server, '', options), await connect(server, '', options)]
    slow.socket.pause()
    const text = 'x'.repeat(50_000)
    let total = 0
    while (server.status().linesDropped.buffer === 0) {
      for (let number = 0; number < 20; number++) scene.write({ message: `${total++} ${text}` })
      await until(() => quick.lines().length === total)
    }
    slow.socket.resume()
    scene.write({ message: 'last' })
    await until(() => slow.lines().at(-1) === 'last')
    const buffer = slow.messages.at(-1)?.data.notShown.buffer ?? 0
    expect(slow.lines().length + buffer).toBe(total + 1)
  })

  test('refuses as the stream does, and leaves no place taken', async () => {
    const server = await scene.serve({ token: 'secret', viewersMax: 1 })
    expect(await refusal(server.port, '/logs/ws', upgrade)).toMatchObject({ status: 401, body: { ok: false } })
    const headers = { authorization: 'Bearer secret' }
    const wrong = await refusal(server.port, '/logs/ws?level=x', { ...upgrade, ...headers })
    expect(wrong.body.reason).toContain('did you mean levels?')
    expect((await refusal(server.port, '/other', { ...upgrade, ...headers })).status).toBe(404)
    const { 'sec-websocket-key': _, ...noKey } = upgrade
    expect(await statusOf(server.port, { ...noKey, ...headers })).toBe(400)
    const one = await connect(server, '', { headers })
    expect((await refusal(server.port, '/logs/ws', { ...upgrade, ...headers })).body).toMatchObject({
      limit: 'viewersMax=1',
    })
    one.socket.terminate()
    await until(() => server.status().viewers === 0)
  })

  test('is closed when the server closes', async () => {
    const server = await scene.serve()
    const { socket } = await connect(server)
    const closed = once(socket, 'close')
    await server.close()
    await closed
    expect(server.status().viewers).toBe(0)
  })
})
