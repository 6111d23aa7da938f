import type { Admin } from '../../port.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { ClassicRequests } from './classic/classic-requests.ts'
import { rejoinHeld } from './classic/rejoin-held.ts'
import type { ActAs } from './keepalive-held.ts'
import { StreamsRequests } from './streams/streams-requests.ts'

/** Acts as members of both protocols, each on its own lane: a broker reads nothing behind a join that waits for others. */
export function actAsMember(adminOf: (cluster: Cluster) => Admin): ActAs {
  return (cluster, member) => {
    const { memberId, join, tasks } = member
    const lane = `held-${memberId}`
    if (tasks !== undefined) return { requests: new StreamsRequests(cluster, member, lane, tasks), rejoin: undefined }
    const requests = new ClassicRequests(cluster, member, lane)
    return { requests, rejoin: join && (() => rejoinHeld(cluster, adminOf(cluster), requests, memberId, join)) }
  }
}
