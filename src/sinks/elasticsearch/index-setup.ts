import { MillraceError } from '../../core/errors.ts'
import type { ElasticsearchConfig, IndexSetup } from './elasticsearch-options.ts'
import { indexParts } from './index-parts.ts'
import type { SearchServer } from './search-server.ts'
import { serverMessage, statusOf } from './server-errors.ts'

interface StoredTemplates {
  readonly index_templates?: readonly { readonly index_template?: { readonly _meta?: { readonly version?: number } } }[]
}

type Put = (path: string, body: Readonly<Record<string, unknown>>) => Promise<void>

/**
 * Installs lifecycle policy, component templates and index template, in the order in which they name each other. Done
 * again it changes nothing; what somebody stored under a higher version stays.
 */
export async function installIndexSetup(
  server: SearchServer,
  config: ElasticsearchConfig,
  setup: IndexSetup,
  signal: AbortSignal,
): Promise<void> {
  const put: Put = async (path, body) => {
    await server.client.transport.request({ method: 'PUT', path, body: { ...body } }, { signal })
  }
  try {
    const stored = await storedVersion(server, setup.templateName, signal)
    if (stored > setup.version) {
      config.logger.info({ template: setup.templateName, stored, own: setup.version }, 'newer index template kept')
      return
    }
    const hasLifecycle = await installLifecycle(server, config, setup, put)
    for (const { kind, path, body } of indexParts(setup, hasLifecycle))
      if (kind !== 'lifecycle policy') await put(path, body)
  } catch (error) {
    throw refused(config, setup, error)
  }
}

/** Returns whether the server manages lifecycles; one that does not is no error, and no index of it is ever deleted. */
async function installLifecycle(
  server: SearchServer,
  config: ElasticsearchConfig,
  setup: IndexSetup,
  put: Put,
): Promise<boolean> {
  if (!setup.lifecycle) return false
  const [policy] = indexParts(setup, true)
  try {
    if (!server.isOpenSearch && policy !== undefined) {
      await put(policy.path, policy.body)
      return true
    }
  } catch (error) {
    if (![404, 405, 410].includes(statusOf(error) ?? 0) && !/no handler/i.test(serverMessage(error))) throw error
  }
  config.logger.info(
    { policy: setup.templateName },
    'the server has no index lifecycle management: the policy was not installed',
  )
  return false
}

/** 0 where there is no such template, or it has no version. */
export async function storedVersion(server: SearchServer, name: string, signal: AbortSignal): Promise<number> {
  const stored = await server.client.transport.request<StoredTemplates>(
    { method: 'GET', path: `/_index_template/${encodeURIComponent(name)}` },
    { ignore: [404], signal },
  )
  return stored.index_templates?.[0]?.index_template?._meta?.version ?? 0
}

/** Retriable where the server could not be reached or is overloaded, else a matter of rights or settings. */
function refused(config: ElasticsearchConfig, setup: IndexSetup, error: unknown): MillraceError {
  const status = statusOf(error)
  const retriable = status === undefined || status === 429 || status >= 500
  return new MillraceError(
    retriable ? 'SINK_UNREACHABLE' : 'SINK_MISCONFIGURED',
    retriable ? 'retriable' : 'fatal',
    `sink ${config.name}: the templates ${setup.templateName} could not be installed: ${serverMessage(error)}`,
    { cause: error },
  )
}
