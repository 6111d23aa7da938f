/** How Redis is reached. */
export interface RedisConnectionOptions {
  /**
   * `redis://host:port`, or `rediss://host:port` for TLS, with the number of a database as its path. Of a cluster one
   * node or several, the others are found. Credentials in an address are refused.
   */
  readonly url: string | readonly string[]
  /** Whether the addresses are nodes of a Redis Cluster. Default: false. */
  readonly cluster?: boolean | undefined
  /** The user (Redis 6 and newer). Default: the default user of the server. */
  readonly username?: string | undefined
  /** The password. Errors and logs never show it. */
  readonly password?: string | undefined
  /** Certificates, for `rediss`. Certificates of servers are always verified. Default: the authorities that Node trusts. */
  readonly tls?: RedisTlsOptions | undefined
}

/** Certificates as PEM. */
export interface RedisTlsOptions {
  /** The authorities that are trusted instead of those of Node. */
  readonly ca?: string | undefined
  /** The certificate that this client shows. */
  readonly cert?: string | undefined
  /** Its key. */
  readonly key?: string | undefined
}

export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** Options, complete. */
export interface RedisConfig {
  readonly addresses: readonly RedisAddress[]
  readonly isCluster: boolean
  readonly database: number
  readonly username: string | undefined
  readonly password: string | undefined
  /** Undefined: plain text. */
  readonly tls: RedisTlsOptions | undefined
}

const defaultPort = 6379

/** Completes and checks options; `problem` is called with a sentence for each fault, and the result is usable anyway. */
export function redisConfig(options: RedisConnectionOptions, problem: (text: string) => void): RedisConfig {
  const { cluster = false, username, password, tls } = options
  const given: readonly unknown[] = Array.isArray(options.url) ? options.url : [options.url]
  const urls = given.flatMap((url) => addressOf(url, problem))
  if (given.length === 0) problem('url is empty: give redis://host:port')
  if (!cluster && given.length > 1) problem('url names several servers: give one, or set cluster to true')
  const isTls = urls.some(({ protocol }) => protocol === 'rediss:')
  if (isTls && urls.some(({ protocol }) => protocol === 'redis:'))
    problem('url names addresses with and without TLS: give redis:// or rediss:// for all of them')
  if (tls !== undefined && !isTls) problem('tls is given for redis://: give rediss:// addresses')
  if ((tls?.cert === undefined) !== (tls?.key === undefined)) problem('tls.cert and tls.key need each other: give both')
  if (username !== undefined && password === undefined) problem('username needs a password: give password too')
  const [first] = urls
  const database = databaseOf(first, problem)
  if (cluster && database !== 0) problem('url names a database, which a cluster does not have: leave the path out')
  return Object.freeze({
    addresses: urls.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? defaultPort : Number(port),
    })),
    isCluster: cluster,
    database,
    username,
    password,
    tls: isTls ? (tls ?? {}) : undefined,
  })
}

/** For people: without credentials, which an address may not have. */
export function redisPlace({ addresses }: RedisConfig): string {
  return addresses.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ')
}

function addressOf(value: unknown, problem: (text: string) => void): readonly URL[] {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    // Whatever it is may hold a password.
    problem('url is not an address of Redis: give redis://host:port, or rediss://host:port for TLS')
    return []
  }
  if (url.username === '' && url.password === '') return [url]
  problem('url holds credentials: give username and password as separate options')
  return []
}

function databaseOf(url: URL | undefined, problem: (text: string) => void): number {
  const path = url?.pathname.replace(/^\//, '') ?? ''
  if (path === '') return 0
  if (/^\d{1,5}$/.test(path)) return Number(path)
  problem(`url has the path /${path}: give the number of a database, or none`)
  return 0
}
