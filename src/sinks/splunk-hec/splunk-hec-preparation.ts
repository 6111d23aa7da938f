import { errorMessage } from '../../core/errors.ts'
import type { SinkFinding, SinkPart, SinkPreparation } from '../sink-preparation.ts'
import type { SplunkHecConfig } from './splunk-hec-options.ts'
import { SplunkHecTarget } from './splunk-hec-target.ts'

/** A collector holds nothing for a sink; its token is checked with a request that has no event. */
export class SplunkHecPreparation implements SinkPreparation {
  readonly #config: SplunkHecConfig

  constructor(config: SplunkHecConfig) {
    this.#config = config
  }

  async parts(): Promise<readonly SinkPart[]> {
    return []
  }

  async install(): Promise<void> {}

  async examine(signal: AbortSignal): Promise<readonly SinkFinding[]> {
    const target = new SplunkHecTarget(this.#config)
    try {
      await target.open(signal)
    } catch (error) {
      return [{ check: 'token', ok: false, text: errorMessage(error) }]
    } finally {
      await target.close()
    }
    const receivers = this.#config.urls.map(({ origin }) => origin).join(', ')
    return [
      { check: 'token', ok: true, text: `${receivers} is healthy and accepts the token` },
      { check: 'test document', ok: true, text: 'not sent, because an event stays; so the index is not checked' },
    ]
  }
}
