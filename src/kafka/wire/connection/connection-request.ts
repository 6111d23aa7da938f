import type { BrokerAddress } from './broker-address.ts'
import type { Api } from '../protocol/api.ts'

export interface ConnectionRequestOptions {
  readonly timeoutMs: number
  /** Overrides negotiation, for what is said before versions are known. */
  readonly version?: number
  /** false for Produce with acks 0: resolves once written, with undefined. */
  readonly hasResponse?: boolean
  /** Default: `clientId` of the cluster. */
  readonly clientId?: string
  /** How long the broker may hold the answer back on purpose, as that to a join; a longer wait counts as trouble. */
  readonly heldMs?: number
}

/** A connection as the handshake uses it. */
export interface RequestTarget {
  readonly address: BrokerAddress
  request<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    options: ConnectionRequestOptions,
  ): Promise<Response>
}
