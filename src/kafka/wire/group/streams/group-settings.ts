import { consequenceOf, errorCode, errorMessage } from '../../../../core/errors.ts'
import type { GroupMemberOptions } from '../../../port.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { protocolError } from '../../connection/protocol-errors.ts'
import { describeConfigsApi } from '../../protocol/generated/describe-configs.ts'
import { incrementalAlterConfigsApi } from '../../protocol/generated/incremental-alter-configs.ts'

const groupResource = 32
/** Somebody has set it for this group. */
const groupConfigSource = 8
const setOperation = 0

const heartbeatInterval = 'streams.heartbeat.interval.ms'
const assignmentInterval = 'streams.assignment.interval.ms'
const initialDelay = 'streams.initial.rebalance.delay.ms'

type Configs = Readonly<Record<string, string>>

/**
 * Gives a streams group the times and standbys of its members' options: requests do not carry them, brokers take them
 * from configs of the group. What is refused is logged, and the value of the broker holds. The least time between two
 * assignments and the wait before the first one are set to 0, unless the group has them. Never rejects.
 */
export async function applyGroupSettings(
  cluster: Cluster,
  options: Pick<GroupMemberOptions, 'groupId' | 'sessionTimeoutMs' | 'heartbeatIntervalMs' | 'standbyReplicas'>,
  timeoutMs: number,
): Promise<void> {
  const { groupId } = options
  try {
    const present = await groupConfigs(cluster, groupId, timeoutMs)
    const wanted: Configs = {
      [assignmentInterval]: present[assignmentInterval] ?? '0',
      [initialDelay]: present[initialDelay] ?? '0',
      'streams.session.timeout.ms': String(options.sessionTimeoutMs),
      [heartbeatInterval]: String(options.heartbeatIntervalMs),
      'streams.num.standby.replicas': String(options.standbyReplicas),
    }
    const changes = Object.entries(wanted).filter(([name, value]) => present[name] !== value)
    if (changes.length > 0) await change(cluster, groupId, Object.fromEntries(changes), timeoutMs)
  } catch (error) {
    refused(cluster, groupId, 'all', error)
  }
}

/** At once, since one value may need the other; one by one, where the broker refuses one of them. */
async function change(cluster: Cluster, groupId: string, configs: Configs, timeoutMs: number): Promise<void> {
  try {
    await alter(cluster, groupId, configs, timeoutMs)
    cluster.config.logger.info({ groupId, ...configs }, 'settings of the group changed')
  } catch (error) {
    const names = Object.keys(configs)
    if (errorCode(error) !== 'INVALID_CONFIG') throw error
    if (names.length === 1) return refused(cluster, groupId, names[0] as string, error)
    for (const name of names) await change(cluster, groupId, { [name]: configs[name] as string }, timeoutMs)
  }
}

function refused(cluster: Cluster, groupId: string, name: string, error: unknown): void {
  const { logger } = cluster.config
  const fields = { groupId, setting: name, reason: errorMessage(error) }
  const what = 'a setting of the group could not be changed: the value of the broker holds'
  // Brokers allow 5 seconds and more by default, and members send theirs all the same; older ones have no delay.
  const isMinor = name === heartbeatInterval || name === initialDelay || consequenceOf(error) === 'retriable'
  if (isMinor) logger.info(fields, what)
  else logger.warn(fields, what)
}

/** Those that are set for this group. */
async function groupConfigs(cluster: Cluster, groupId: string, timeoutMs: number): Promise<Configs> {
  const body = {
    resources: [{ resourceType: groupResource, resourceName: groupId, configurationKeys: null }],
    includeSynonyms: false,
    includeDocumentation: false,
  }
  const [result] = (await cluster.requestAny(describeConfigsApi, body, timeoutMs)).results
  const about = `configs of group ${groupId} (${result?.errorMessage ?? 'no reason given'})`
  if (result === undefined || result.errorCode !== 0) throw protocolError(result?.errorCode ?? -1, about, { groupId })
  const set = result.configs.filter(({ configSource }) => configSource === groupConfigSource)
  return Object.fromEntries(set.map(({ name, value }) => [name, value ?? '']))
}

async function alter(cluster: Cluster, groupId: string, configs: Configs, timeoutMs: number): Promise<void> {
  const changes = Object.entries(configs).map(([name, value]) => ({ name, value, configOperation: setOperation }))
  const body = {
    resources: [{ resourceType: groupResource, resourceName: groupId, configs: changes }],
    validateOnly: false,
  }
  const [result] = (await cluster.requestAny(incrementalAlterConfigsApi, body, timeoutMs)).responses
  const about = `configs of group ${groupId} (${result?.errorMessage ?? 'no reason given'})`
  if (result === undefined || result.errorCode !== 0) throw protocolError(result?.errorCode ?? -1, about, { groupId })
}
