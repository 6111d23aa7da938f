import { request } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import { type OpsServer, startOpsServer, type TapSource } from '../../../src/ops/index.ts'

const probe = () => ({ ok: true, reason: '' })
let server: OpsServer

afterEach(() => server.close())

function serve(tap: TapSource, token?: string): Promise<OpsServer> {
  return startOpsServer({ port: 0, live: probe, ready: probe, metrics: async () => '', tap, token })
}

test('a client that reads slowly loses records, which are counted, and the source does not wait', async () => {
  const records = 20_000
  let given = 0
  const text = JSON.stringify('x'.repeat(1000))
  server = await serve(async (_, give) => {
    for (; given < records; given++) give(text)
  })
  const events: string[] = []
  await new Promise<void>((resolve, reject) => {
    request({ port: server.port, path: '/tap/orders' }, (response) => {
      // Nothing is read until the source has given all it has.
      expect(given).toBe(records)
      let body = ''
      response.on('data', (bytes: Buffer) => {
        body += bytes.toString()
      })
      response.on('end', () => {
        events.push(...body.split('\n\n'))
        resolve()
      })
    })
      .on('error', reject)
      .end()
  })
  const shown = events.filter((event) => event === `data: ${text}`).length
  const dropped = events.flatMap((event) => /^event: dropped\ndata: \{"records":(\d+)\}$/.exec(event)?.[1] ?? [])
  expect(shown).toBeGreaterThan(0)
  expect(dropped).toHaveLength(1)
  expect(shown + Number(dropped[0])).toBe(records)
})

test('a tap that fails says why', async () => {
  server = await serve(() => Promise.reject(new Error('no such topic')))
  const response = await fetch(`http://127.0.0.1:${server.port}/tap/orders`)
  expect(await response.text()).toContain('event: failed\ndata: {"reason":"no such topic"}\n\n')
})

test('a name that cannot be decoded is refused', async () => {
  server = await serve(() => Promise.resolve())
  expect((await fetch(`http://127.0.0.1:${server.port}/tap/%E0%A4`)).status).toBe(400)
})

test('a tap needs the token, ends with its client, and no more than four are open', async () => {
  let ended = 0
  server = await serve(async (_, give, signal) => {
    give('1')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    ended++
  }, 't')
  const url = `http://127.0.0.1:${server.port}/tap/orders`
  expect((await fetch(url)).status).toBe(401)
  const clients = Array.from({ length: 4 }, () => new AbortController())
  const headers = { authorization: 'Bearer t' }
  for (const { signal } of clients) expect((await fetch(url, { headers, signal })).status).toBe(200)
  expect((await fetch(url, { headers })).status).toBe(503)
  for (const client of clients) client.abort()
  for (const deadlineMs = performance.now() + 5000; ended < 4 && performance.now() < deadlineMs; )
    await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(4)
})
