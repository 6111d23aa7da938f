import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePorts, startServer, stopServer, waitUntilReady } from '../../../scripts/lab/processes.mjs'
import { nginxProgram } from '../../../scripts/nginx/tools.mjs'
import { startOpsServer } from '../../../src/ops/index.ts'
import { requireServer } from '../../support/require-server.ts'

const configuration = readFileSync(join(import.meta.dirname, '../../../ops/nginx/millrace.conf'), 'utf8')

/** The shipped configuration in a whole one, with ports and files of this test. */
async function startNginx(upstream: number): Promise<{ readonly url: string; readonly pid: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-nginx-'))
  const [port = 0] = await freePorts(1)
  const own = configuration
    .replace('127.0.0.1:9464', `127.0.0.1:${upstream}`)
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events {}
http { access_log off; ${paths.join(' ')} ${own} }`,
  )
  const logFile = join(folder, 'log')
  const pid = startServer({ program: nginxProgram(), args: ['-p', folder, '-c', file], logFile })
  const url = `http://127.0.0.1:${port}`
  const ready = async (): Promise<boolean> => (await fetch(`${url}/none`).catch(() => undefined))?.status === 404
  await waitUntilReady({ name: 'nginx', pid, logFile, timeoutMs: 20_000, ready })
  return { url, pid }
}

requireServer('nginx').describe('nginx in front of a worker, with the shipped configuration', () => {
  let ops: Awaited<ReturnType<typeof startOpsServer>>
  let nginx: Awaited<ReturnType<typeof startNginx>>

  beforeAll(async () => {
    const well = () => ({ ok: true, reason: 'RUNNING' })
    const [port = 0] = await freePorts(1)
    ops = await startOpsServer({
      host: '127.0.0.1',
      port,
      token: 'secret',
      live: well,
      ready: well,
      metrics: () => Promise.resolve('up 1'),
      status: () => undefined,
    })
    nginx = await startNginx(port)
  })

  afterAll(async () => {
    if (nginx !== undefined) await stopServer(nginx.pid)
    await ops?.close()
  })

  test('says whether a worker is ready', async () => {
    expect((await fetch(`${nginx.url}/healthz`)).status).toBe(200)
  })

  test('passes the token of the caller on, and the worker refuses a wrong one', async () => {
    const ask = async (token: string): Promise<number> =>
      (await fetch(`${nginx.url}/status`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await ask('wrong')).toBe(401)
    expect(await ask('secret')).not.toBe(401)
  })

  test('keeps metrics and probes inside', async () => {
    for (const path of ['/metrics', '/live', '/ready', '/']) {
      expect([path, (await fetch(`${nginx.url}${path}`)).status]).toEqual([path, 404])
    }
  })
})

requireServer('nginx').describe('a stream of events behind nginx', () => {
  let server: Server
  let nginx: Awaited<ReturnType<typeof startNginx>>

  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: first\n\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    nginx = await startNginx((server.address() as AddressInfo).port)
  })

  afterAll(async () => {
    if (nginx !== undefined) await stopServer(nginx.pid)
    server.closeAllConnections()
    server.close()
  })

  test('shows an event at once, although the answer has not ended', async () => {
    const abort = new AbortController()
    const { body } = await fetch(`${nginx.url}/logs/stream`, { signal: abort.signal })
    const chunk = await body?.getReader().read()
    expect(new TextDecoder().decode(chunk?.value)).toBe('data: first\n\n')
    abort.abort()
  })
})
