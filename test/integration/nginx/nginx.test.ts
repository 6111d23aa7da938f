import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePorts, startServer, stopServer, waitUntilReady } from '../../../scripts/lab/processes.mjs'
import { nginxProgram } from '../../../scripts/nginx/tools.mjs'
import { startOpsServer } from '../../../src/ops/index.ts'
import { WebSocket } from 'ws'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { TailScene } from '../../unit/live-tail/scene.ts'

const configuration = readFileSync(join(import.meta.dirname, '../../../ops/nginx/millrace.conf'), 'utf8')

/** The shipped configuration in a whole one, with ports and files of this test. */
async function startNginx(upstreams: {
  readonly ops?: number
  readonly tail?: number
}): Promise<{ readonly url: string; readonly pid: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-nginx-'))
  const [port = 0] = await freePorts(1)
  const own = configuration
    .replace('127.0.0.1:9464', `127.0.0.1:${upstreams.ops ?? 9}`)
    .replace('127.0.0.1:9480', `127.0.0.1:${upstreams.tail ?? 9}`)
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
    nginx = await startNginx({ ops: port })
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

requireServer('nginx').describe('a live tail behind nginx', () => {
  const token = 'token-of-ann-0123456789'
  const authorization = `Bearer ${token}`
  const scene = new TailScene()
  const folder = mkdtempSync(join(tmpdir(), 'millrace-console-'))
  let nginx: Awaited<ReturnType<typeof startNginx>>

  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<script type="module" src="./assets/index-BxYz1234.js"></script>')
    writeFileSync(join(folder, 'assets', 'index-BxYz1234.js'), 'export {}')
    const { port } = await scene.serve({ token, exports: true, pagesDirectory: folder })
    nginx = await startNginx({ tail: port })
  })

  afterAll(async () => {
    if (nginx !== undefined) await stopServer(nginx.pid)
    await scene.close()
  })

  /** What has come when it holds the text. */
  async function streamed(path: string, text: string, write: () => void): Promise<string> {
    const abort = new AbortController()
    const { body } = await fetch(`${nginx.url}${path}`, { signal: abort.signal, headers: { authorization } })
    const decoder = new TextDecoder()
    let had = ''
    for await (const part of body as ReadableStream<Uint8Array>) {
      had += decoder.decode(part, { stream: true })
      if (had.includes('event: heartbeat')) write()
      if (had.includes(text)) break
    }
    abort.abort()
    return had
  }

  test.each(['/logs', '/console/logs'])(
    '%s/stream shows a line at once, although the answer has not ended',
    async (base) => {
      const message = `through ${base}`
      const text = await streamed(`${base}/stream`, message, () => scene.write({ message }))
      expect(text).toContain(`"message":"${message}"`)
    },
  )

  test.each(['/logs', '/console/logs'])('%s/ws is a web socket, for pages of the same site', async (base) => {
    const url = `${nginx.url.replace('http', 'ws')}${base}/ws`
    const socket = new WebSocket(url, { origin: nginx.url, headers: { authorization } })
    const messages: string[] = []
    socket.on('message', (data) => messages.push(String(data)))
    await once(socket, 'open')
    await until(() => messages.some((text) => text.includes('heartbeat')))
    scene.write({ message: `socket ${base}` })
    await until(() => messages.some((text) => text.includes(`socket ${base}`)))
    socket.terminate()
    const other = new WebSocket(url, { origin: 'http://evil.example', headers: { authorization } })
    const [, response] = (await once(other, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(403)
    response.destroy()
  })

  test('the console is below its path, with what it loads', async () => {
    const moved = await fetch(`${nginx.url}/console`, { redirect: 'manual' })
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/console/'])
    const page = await fetch(`${nginx.url}/console/`)
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ])
    const [, source = ''] = /src="([^"]+)"/.exec(await page.text()) ?? []
    const asset = await fetch(new URL(source, `${nginx.url}/console/`))
    expect([asset.status, await asset.text()]).toEqual([200, 'export {}'])
  })

  test.each(['/logs', '/console/logs'])('%s/export gives what a filter finds, up to its last line', async (base) => {
    scene.write({ message: 'exported', service: base })
    const response = await fetch(`${nginx.url}${base}/export?from=0&services=${base}`, { headers: { authorization } })
    const lines = (await response.text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { message: 'exported', service: base },
      { export: { lines: 1, bytes: expect.any(Number), complete: true } },
    ])
    expect((await fetch(`${nginx.url}${base}/export?from=0`)).status).toBe(401)
  })
})
