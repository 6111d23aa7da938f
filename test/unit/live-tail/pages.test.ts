import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { TailScene } from './scene.ts'
import { refusal } from './stream-client.ts'

const html = '<!doctype html><script type="module" src="./assets/index-BxYz1234.js"></script>'
const script = `export const numbers = [${'1,'.repeat(5000)}]`

let scene: TailScene
let folder: string
beforeEach(async () => {
  scene = new TailScene()
  folder = await mkdtemp(join(tmpdir(), 'millrace-pages-'))
  await mkdir(join(folder, 'console', 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'not for anybody')
  await writeFile(join(folder, 'console', 'index.html'), html)
  await writeFile(join(folder, 'console', 'assets', 'index-BxYz1234.js'), script)
  await writeFile(join(folder, 'console', 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
})
afterEach(async () => {
  await scene.close()
  await rm(folder, { recursive: true })
})

async function serve(): Promise<number> {
  return (await scene.serve({ pagesDirectory: join(folder, 'console'), token: 'secret' })).port
}

async function ask(port: number, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    request({ port, path, headers, method, agent: false }, resolve).once('error', reject).end(),
  )
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }
}

describe('pages', () => {
  test('are shown without a token, which lines need', async () => {
    const port = await serve()
    const page = await ask(port, '/?levels=error')
    expect([page.status, page.body.toString(), page.headers['content-type']]).toEqual([
      200,
      html,
      'text/html; charset=utf-8',
    ])
    expect((await refusal(port, '/logs/stream')).status).toBe(401)
  })

  test('load nothing of other sites, and are in no frame of theirs', async () => {
    const { headers } = await ask(await serve(), '/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('are kept for good where their name has a hash, and asked for again elsewhere', async () => {
    const port = await serve()
    const asset = await ask(port, '/assets/index-BxYz1234.js')
    expect([asset.headers['content-type'], asset.headers['cache-control']]).toEqual([
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ])
    const icon = await ask(port, '/icon.svg')
    expect([icon.headers['content-type'], icon.headers['cache-control']]).toEqual(['image/svg+xml', 'no-cache'])
    const again = await ask(port, '/icon.svg', { 'if-none-match': icon.headers.etag })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })

  test('are compressed for those who take it', async () => {
    const port = await serve()
    const { headers, body } = await ask(port, '/assets/index-BxYz1234.js', { 'accept-encoding': 'gzip' })
    expect(headers['content-encoding']).toBe('gzip')
    expect([body.length < 1000, gunzipSync(body).toString()]).toEqual([true, script])
  })

  test('answer HEAD without a body, and no other method', async () => {
    const port = await serve()
    const { status, headers, body } = await ask(port, '/', {}, 'HEAD')
    expect([status, headers['content-length'], body.length]).toEqual([200, String(html.length), 0])
    expect((await refusal(port, '/', {}, 'POST')).body.reason).toBe('only GET and HEAD are answered')
  })

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/linked.txt',
    '/assets',
    '/assets/',
    '/index.html/',
    '/constructor',
  ])('end at their directory: %s is not there', async (path) => {
    await symlink(join(folder, 'secret.txt'), join(folder, 'console', 'linked.txt'))
    expect((await refusal(await serve(), path)).status).toBe(404)
  })

  test('are not there without a directory', async () => {
    const { port } = await scene.serve()
    expect((await refusal(port, '/')).status).toBe(404)
  })

  test('do not start where the directory is no console', async () => {
    await expect(scene.serve({ pagesDirectory: join(folder, 'console', 'assets') })).rejects.toMatchObject({
      code: 'LIVE_TAIL_PAGES',
      message: expect.stringContaining('it has no index.html'),
    })
    await expect(scene.serve({ pagesDirectory: join(folder, 'nothing') })).rejects.toMatchObject({
      code: 'LIVE_TAIL_PAGES',
    })
  })
})
