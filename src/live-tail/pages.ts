import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { errorMessage, MillraceError } from '../core/errors.ts'
import { takesGzip } from './gzip-stream.ts'

/** A console has some hundred kilobytes: anything larger is another directory. */
const bytesMax = 33_554_432
const filesMax = 1000
const compressedFromBytes = 1024
const indexName = 'index.html'

const types: Readonly<Record<string, string>> = Object.freeze({
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
})
const compressedTypes = /^(text|application|image\/svg)/

/** As bundlers name what never changes: `assets/index-BxYz1234.js`. */
const hashedName = /^assets\/.*[-.][\w-]{8,}\.\w+(\.map)?$/

/** Nothing of another site is loaded, asked or shown, and no other site shows it. */
const securityHeaders = Object.freeze({
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
})

interface Page {
  readonly body: Buffer
  /** Undefined: it would not become smaller. */
  readonly gzip: Buffer | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** The files of a directory, read once: no request reaches the file system. */
export class Pages {
  readonly #pages: ReadonlyMap<string, Page>

  private constructor(pages: ReadonlyMap<string, Page>) {
    this.#pages = pages
  }

  /** Reads all files of a directory. Links are left out. Rejects with LIVE_TAIL_PAGES. */
  static async read(directory: string): Promise<Pages> {
    try {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      if (files.length > filesMax) throw new Error(`it has ${files.length} files, and ${filesMax} are the most`)
      const pages = new Map<string, Page>()
      let bytes = 0
      for (const file of files) {
        const body = await readFile(file)
        bytes += body.length
        if (bytes > bytesMax) throw new Error(`its files have more than ${bytesMax} bytes`)
        const name = relative(directory, file).split(sep).join('/')
        pages.set(name === indexName ? '/' : `/${encodeURI(name)}`, pageOf(name, body))
      }
      if (!pages.has('/')) throw new Error(`it has no ${indexName}`)
      return new Pages(pages)
    } catch (cause) {
      const text = `the pages of ${directory} cannot be served (${errorMessage(cause)}): name the directory of a built console`
      throw new MillraceError('LIVE_TAIL_PAGES', 'fatal', text, { cause })
    }
  }

  has(path: string): boolean {
    return this.#pages.has(path)
  }

  /** Answers GET and HEAD for a path that it has. */
  answer({ headers: asked }: IncomingMessage, response: ServerResponse, path: string): void {
    const page = this.#pages.get(path) as Page
    if (asked['if-none-match']?.split(/\s*,\s*/).includes(page.headers.etag as string) === true) {
      response.writeHead(304, page.headers).end()
      return
    }
    const gzip = takesGzip(asked['accept-encoding'] ?? '') ? page.gzip : undefined
    const body = gzip ?? page.body
    response
      .writeHead(200, {
        ...page.headers,
        'content-length': body.length,
        ...(gzip !== undefined && { 'content-encoding': 'gzip' }),
      })
      .end(body)
  }
}

function pageOf(name: string, body: Buffer): Page {
  const type = types[extname(name).toLowerCase()] ?? 'application/octet-stream'
  const isLarge = body.length >= compressedFromBytes && compressedTypes.test(type)
  const gzip = isLarge ? gzipSync(body, { level: 9 }) : undefined
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  const headers = {
    'content-type': type,
    'cache-control': hashedName.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    etag: `W/"${hash}"`,
    ...securityHeaders,
  }
  return { body, gzip: gzip !== undefined && gzip.length < body.length ? gzip : undefined, headers }
}
