import { Client, type ClientOptions } from '@elastic/elasticsearch'
import { MillraceError } from '../../core/errors.ts'
import { OpenSearchConnection } from './open-search-connection.ts'
import type { ElasticsearchConfig } from './elasticsearch-options.ts'
import { describeNodes, serverMessage, statusOf } from './server-errors.ts'

/** Responses that are compressed to less than this part of their size are refused. */
const packedShare = 64

interface Information {
  readonly version?: { readonly number?: string; readonly distribution?: string }
}

/** A search server that answered: its client and what it can do. */
export interface SearchServer {
  readonly client: Client
  readonly isOpenSearch: boolean
  /** It can be configured to keep documents out of its error texts. */
  readonly hidesSources: boolean
}

/**
 * Asks the server who it is. Throws SINK_UNREACHABLE (retriable) when nobody answers, SINK_UNAUTHORIZED (fatal) when
 * the credentials are refused, SINK_MISCONFIGURED (fatal) when it is no search server.
 */
export async function connectSearchServer(config: ElasticsearchConfig, signal: AbortSignal): Promise<SearchServer> {
  const tolerant = new Client({ ...clientOptions(config), Connection: OpenSearchConnection })
  try {
    const information = await tolerant.transport.request<Information>({ method: 'GET', path: '/' }, { signal })
    const { number: version = '', distribution } = information.version ?? {}
    if (version === '') throw notASearchServer(config, 'its answer names no version')
    if (distribution === 'opensearch') return { client: tolerant, isOpenSearch: true, hidesSources: false }
    await tolerant.close()
    return { client: new Client(clientOptions(config)), isOpenSearch: false, hidesSources: isAtLeast(version, 8, 18) }
  } catch (error) {
    await tolerant.close()
    throw asOpenError(config, error)
  }
}

function clientOptions(config: ElasticsearchConfig): ClientOptions {
  const answerBytesMax = answerBytesOf(config.maxRecords)
  return {
    nodes: config.nodes.map((node) => node.href),
    ...(config.credentials === undefined ? {} : { auth: config.credentials }),
    ...(config.ca === undefined ? {} : { tls: { ca: config.ca } }),
    // One node that answers is enough.
    maxRetries: config.nodes.length - 1,
    requestTimeout: config.requestTimeoutMs,
    maxResponseSize: answerBytesMax,
    // Nobody asked for a packed answer. A proxy may pack one all the same; unpacked it is a thousand times as large at most.
    maxCompressedResponseSize: Math.ceil(answerBytesMax / packedShare),
  }
}

function asOpenError(config: ElasticsearchConfig, error: unknown): unknown {
  if ((error as { name?: unknown }).name === 'MillraceError') return error
  const status = statusOf(error)
  const nodes = describeNodes(config)
  if (status === 401 || status === 403) {
    const text = `sink ${config.name}: ${nodes} refused the credentials (${status}): check username and password or apiKey`
    return new MillraceError('SINK_UNAUTHORIZED', 'fatal', text)
  }
  if (status === undefined || status === 429 || status >= 500) {
    const text = `sink ${config.name}: ${nodes} cannot be reached (${serverMessage(error)}): check the address and the server`
    return new MillraceError('SINK_UNREACHABLE', 'retriable', text)
  }
  return notASearchServer(config, `it answered with ${status}`)
}

function notASearchServer(config: ElasticsearchConfig, reason: string): MillraceError {
  const text = `sink ${config.name}: ${describeNodes(config)} is not Elasticsearch or OpenSearch (${reason}): check node`
  return new MillraceError('SINK_MISCONFIGURED', 'fatal', text)
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

/** An answer says at most so much about each document; whoever sends more is no search server. */
function answerBytesOf(records: number): number {
  return 1024 * 1024 + records * 2048
}
