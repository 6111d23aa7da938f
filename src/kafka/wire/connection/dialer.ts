import { connect as connectTcp, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { errorMessage, MillraceError } from '../../../core/errors.ts'
import type { BrokerAddress } from './broker-address.ts'
import { connectTls, newSecureContext, type TlsOptions } from './tls.ts'

/** Opens the sockets of one cluster. `ClusterNodes` has one for its whole life. */
export class Dialer {
  readonly #tls: TlsOptions | undefined
  /** The last one that could be made. */
  #secureContext: SecureContext | undefined

  /** `tls` undefined: plain text. */
  constructor(tls: TlsOptions | undefined) {
    this.#tls = tls
  }

  /**
   * Begins a connection, TCP or TLS. Throws INVALID_OPTION (fatal) for certificates that cannot be used, and
   * CONNECTION_FAILED (retriable) where Node refuses the address itself; the cluster may return a better one later.
   */
  dial(address: BrokerAddress): Socket {
    try {
      return this.#tls === undefined ? connectTcp(address) : connectTls(address, this.#tls, this.#contextOf(this.#tls))
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause
      const text = `broker ${address.host}:${address.port} cannot be connected to: ${errorMessage(cause)}`
      throw new MillraceError('CONNECTION_FAILED', 'retriable', text, { cause })
    }
  }

  /** Files are read for each connection, since certificates are renewed; the last ones serve while that is half done. */
  #contextOf(tls: TlsOptions): SecureContext {
    try {
      this.#secureContext = newSecureContext(tls)
    } catch (error) {
      if (this.#secureContext === undefined) throw error
    }
    return this.#secureContext
  }
}
