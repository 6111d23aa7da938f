import type { ElasticsearchConfig } from './elasticsearch-options.ts'
import type { SearchServer } from './search-server.ts'

/** Connects for the time of one piece of work. Rejects as `open` of the sink does. */
export async function withSearchServer<Result>(
  config: ElasticsearchConfig,
  signal: AbortSignal,
  work: (server: SearchServer) => Promise<Result>,
): Promise<Result> {
  // The client takes 13 MB and a fifth of a second: only a process that uses a server loads it.
  const { connectSearchServer } = await import('./search-server.ts')
  const server = await connectSearchServer(config, signal)
  try {
    return await work(server)
  } finally {
    await server.client.close()
  }
}
