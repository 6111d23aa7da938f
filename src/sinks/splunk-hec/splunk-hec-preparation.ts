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
      return [{ check: 'token', result: 'fails', text: errorMessage(error) }]
    } finally {
      await target.close()
    }
    const receivers = this.#config.urls.map(({ origin }) => origin).join(', ')
    return [
      { check: 'token', result: 'ok', text: `${receivers} is healthy and accepts the token` },
      {
        check: 'test document',
        result: 'left to you',
        text: 'none is sent, because an event cannot be deleted again: check in Splunk that the token may write to the index',
      },
    ]
  }
}
