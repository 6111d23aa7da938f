import { afterEach, describe, expect, test } from '@jest/globals'
import { type OpsServer, type OpsServerOptions, startOpsServer } from '../../../src/ops/http.ts'

const servers: OpsServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(options: Partial<OpsServerOptions> = {}): Promise<string> {
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    token: undefined,
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

  test('does not open beyond loopback without a token', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'OPS_TOKEN_MISSING' })
  })

  test('names host and port when the port is taken', async () => {
    const port = Number(new URL(await start()).port)
    await expect(start({ port })).rejects.toMatchObject({ code: 'OPS_PORT_IN_USE' })
  })
})
