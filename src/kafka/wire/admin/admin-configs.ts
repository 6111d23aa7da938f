import { Backoff } from '../../../core/backoff.ts'
import { Deadline, retryUntil } from '../connection/retry-until.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { protocolError } from '../connection/protocol-errors.ts'
import { describeConfigsApi } from '../protocol/generated/describe-configs.ts'
import { incrementalAlterConfigsApi } from '../protocol/generated/incremental-alter-configs.ts'

const topicResource = 2
const setOperation = 0
const deleteOperation = 1

/** Every config of each topic with its effective value; sensitive ones are left out. */
export async function describeTopicConfigs(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const body = {
    resources: topics.map((resourceName) => ({ resourceType: topicResource, resourceName, configurationKeys: null })),
    includeSynonyms: false,
    includeDocumentation: false,
  }
  return retried(cluster, async (remainingMs) => {
    const { results } = await cluster.requestAny(describeConfigsApi, body, remainingMs)
    return new Map(
      results.map(({ resourceName, errorCode, errorMessage, configs }) => {
        const about = `configs of topic ${resourceName} (${errorMessage ?? 'no reason given'})`
        if (errorCode !== 0) throw protocolError(errorCode, about, { topic: resourceName })
        const known = configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]))
        return [resourceName, Object.fromEntries(known)]
      }),
    )
  })
}

/** Sets the given configs and leaves the others alone; null takes the broker's default again. */
export async function alterTopicConfigs(
  cluster: Cluster,
  topic: string,
  configs: Readonly<Record<string, string | null>>,
): Promise<void> {
  const changes = Object.entries(configs).map(([name, value]) => ({
    name,
    value,
    configOperation: value === null ? deleteOperation : setOperation,
  }))
  const body = {
    resources: [{ resourceType: topicResource, resourceName: topic, configs: changes }],
    validateOnly: false,
  }
  await retried(cluster, async (remainingMs) => {
    const { responses } = await cluster.requestAny(incrementalAlterConfigsApi, body, remainingMs)
    for (const { errorCode, errorMessage } of responses) {
      const about = `configs ${Object.keys(configs).join(', ')} of topic ${topic} (${errorMessage ?? 'no reason given'})`
      if (errorCode !== 0) throw protocolError(errorCode, about, { topic })
    }
  })
}

function retried<T>(cluster: Cluster, step: (remainingMs: number) => Promise<T>): Promise<T> {
  const { clock, requestTimeoutMs, retryBackoff } = cluster.config
  const deadline = new Deadline(clock, requestTimeoutMs)
  const backoff = new Backoff(retryBackoff)
  return retryUntil(clock, deadline, backoff, () => step(deadline.remainingMs()))
}
