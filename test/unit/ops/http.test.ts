import { afterEach, describe, expect, test } from '@jest/globals'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type OpsServer, type OpsServerOptions, startOpsServer } from '../../../src/ops/http.ts'
import type { ApplicationStatus } from '../../../src/runtime/application/application-status.ts'

const servers: OpsServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(options: Partial<OpsServerOptions> = {}): Promise<string> {
  const server = await startOpsServer({
    port: 0,
    live: () => ({ ok: true, reason: 'running' }),
    ready: () => ({ ok: false, reason: 'restoring' }),
    metrics: async () => 'up 1\n',
    ...options,
  })
  servers.push(server)
  return `http://127.0.0.1:${server.port}`
}

describe('the ops server', () => {
  test('answers a probe that is well with 200', async () => {
    expect((await fetch(`${await start()}/live`)).status).toBe(200)
  })

  test('answers a probe that is not with 503 and the reason', async () => {
    const answer = await fetch(`${await start()}/ready`)
    expect([answer.status, await answer.json()]).toEqual([503, { ok: false, reason: 'restoring' }])
  })

  test('serves the metrics as Prometheus text', async () => {
    const answer = await fetch(`${await start()}/metrics`)
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'text/plain; version=0.0.4; charset=utf-8',
      'up 1\n',
    ])
  })

  test('asks for the token where one is set', async () => {
    const url = `${await start({ token: 'secret' })}/metrics`
    expect((await fetch(url)).status).toBe(401)
    expect((await fetch(url, { headers: { authorization: 'Bearer wrong!' } })).status).toBe(401)
    expect((await fetch(url, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
  })

  test.each([
    ['evil.example:9464', undefined, 403],
    ['evil.example:9464', 'secret', 200],
    ['localhost:9464', undefined, 200],
    ['[::1]:9464', undefined, 200],
    ['localhost.evil.example', undefined, 403],
  ])('answers a request to the host %s with the token %s with %i', async (host, token, status) => {
    const { port } = new URL(await start({ token }))
    const headers = { host, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    const answer = await new Promise<IncomingMessage>((resolve) => get({ port, path: '/metrics', headers }, resolve))
    expect(answer.resume().statusCode).toBe(status)
  })

  test('does not open beyond loopback without a token', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'OPS_TOKEN_MISSING' })
  })

  test('names host and port when the port is taken', async () => {
    const port = Number(new URL(await start()).port)
    await expect(start({ port })).rejects.toMatchObject({ code: 'OPS_PORT_IN_USE' })
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('answers %s with 405 and the methods that it takes', async (method) => {
    const answer = await fetch(`${await start()}/metrics`, { method, ...(method === 'DELETE' ? {} : { body: 'x' }) })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('answers another path with 404 and the paths that there are', async () => {
    const answer = await fetch(`${await start()}/stats`)
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { ok: false, reason: 'no such path: ask for /live, /ready, /metrics' },
    ])
  })

  test('shows the status as JSON, and 503 while there is no application', async () => {
    const statuses = [undefined, { applicationId: 'app', state: 'RUNNING' } as ApplicationStatus]
    const url = await start({ status: () => statuses.shift() })
    const before = await fetch(`${url}/status`)
    expect([before.status, await before.json()]).toEqual([503, { ok: false, reason: 'starting' }])
    const answer = await fetch(`${url}/status`)
    expect([answer.status, await answer.json()]).toEqual([200, { applicationId: 'app', state: 'RUNNING' }])
  })

  test('has no status where it was not given one', async () => {
    expect((await fetch(`${await start()}/status`)).status).toBe(404)
  })

  test('keeps the status behind the token', async () => {
    const url = await start({ token: 'secret', status: () => undefined })
    expect((await fetch(`${url}/status`)).status).toBe(401)
    expect((await fetch(`${url}/status`, { headers: { authorization: 'Bearer secret' } })).status).toBe(503)
  })

  test('refuses an empty token beyond loopback', async () => {
    await expect(start({ host: '0.0.0.0', token: '' })).rejects.toMatchObject({ code: 'OPS_TOKEN_MISSING' })
  })

  test('answers a probe beside more idle connections than it keeps open', async () => {
    const url = await start()
    const idle = await Promise.all(Array.from({ length: 400 }, () => connected(Number(new URL(url).port))))
    expect((await fetch(`${url}/live`)).status).toBe(200)
    await until(() => idle.filter((socket) => socket.closed).length >= 144)
    for (const socket of idle) socket.destroy()
  })

  test('clients that send headers or a body byte by byte are cut off', async () => {
    const port = Number(new URL(await start()).port)
    const startedMs = performance.now()
    const begins = [
      'GET /live HTTP/1.1\r\nhost: a\r\nx: ',
      'POST /live HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n',
    ]
    await Promise.all(begins.map((begin) => cutOff(port, begin)))
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  }, 30_000)
})

async function cutOff(port: number, begin: string): Promise<void> {
  const socket = await connected(port)
  socket.write(begin)
  const trickle = setInterval(() => socket.write('x'), 200)
  await until(() => socket.closed || socket.readableEnded)
  clearInterval(trickle)
  socket.destroy()
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
    // Flowing, so that its end is noticed.
    socket.resume()
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}
