import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { silentLogger } from '../../core/logger.ts'
import { WireAdmin } from './admin/admin.ts'
import { Cluster } from './cluster/cluster.ts'
import { actAsMember } from './group/act-as-member.ts'
import { tokensOf } from './connection/cluster-options.ts'
import type { KeepaliveNews, PlainClusterConfig } from './group/keepalive-messages.ts'
import { KeepaliveWatch } from './group/keepalive-watch.ts'
import type { SaslOptions } from './connection/sasl.ts'

/** Where the thread of `Keepalive` begins. It logs nothing itself, but reports to the event loop. */
const port = parentPort as MessagePort
const { sasl: plainSasl, ...reach } = workerData as PlainClusterConfig
/** Module-level, as this module is one worker thread: the token that `Keepalive` sent last. */
let token = ''
const sasl: SaslOptions | undefined =
  plainSasl?.mechanism === 'OAUTHBEARER' ? { ...plainSasl, token: async () => token } : plainSasl

function openCluster(): Cluster {
  const tokens = tokensOf(sasl, systemClock, reach.connectTimeoutMs)
  return new Cluster({ ...reach, sasl, tokens, clock: systemClock, logger: silentLogger })
}

const actAs = actAsMember((cluster) => new WireAdmin(cluster))
const watch = new KeepaliveWatch(systemClock, openCluster, actAs, (report) => port.postMessage(report))
port.on('message', (news: KeepaliveNews) => {
  token = news.token
  watch.told(news)
})
