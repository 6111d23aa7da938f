import {
  type ConnectionRequestOptions,
  type ConnectionRequestOptionsAsStream,
  type ConnectionRequestParams,
  type ConnectionRequestResponse,
  type ConnectionRequestResponseAsStream,
  UndiciConnection,
} from '@elastic/elasticsearch'

const vendorType = /application\/vnd\.elasticsearch\+(x-ndjson|json);\s*compatible-with=\d+/
const negotiated = ['accept', 'content-type'] as const

/**
 * Lets the official client talk to OpenSearch, which speaks the same protocol but neither the vendor's media types nor
 * the header by which the client knows its product.
 */
export class OpenSearchConnection extends UndiciConnection {
  override request(
    parameters: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse>
  override request(
    parameters: ConnectionRequestParams,
    options: ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponseAsStream>
  // `never` fits both answers; which one it is depends on the options, that are handed on as they are.
  override async request(parameters: ConnectionRequestParams, options: ConnectionRequestOptions): Promise<never> {
    const headers = { ...parameters.headers }
    for (const name of negotiated) {
      const value = headers[name]
      if (typeof value === 'string') headers[name] = value.replace(vendorType, 'application/$1')
    }
    const response = await super.request({ ...parameters, headers }, options)
    response.headers['x-elastic-product'] ??= 'Elasticsearch'
    return response as never
  }
}
