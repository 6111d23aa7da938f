import { type BrokerHealth, type KafkaHealth, partitionKey } from '../../kafka/port.ts'

/** How the brokers answer a process whose threads have their own connections: of each broker the worst that is seen. */
export function mergedHealth(all: readonly KafkaHealth[]): KafkaHealth {
  const [only, ...more] = all
  if (only !== undefined && more.length === 0) return only
  const brokers = new Map<string, BrokerHealth>()
  for (const broker of all.flatMap((health) => health.brokers)) {
    const known = brokers.get(broker.address)
    brokers.set(broker.address, known === undefined ? broker : worse(known, broker))
  }
  const leaderless = new Map<string, KafkaHealth['leaderless'][number]>()
  for (const one of all.flatMap((health) => health.leaderless)) {
    const key = partitionKey(one.topic, one.partition)
    if (one.forMs >= (leaderless.get(key)?.forMs ?? 0)) leaderless.set(key, one)
  }
  return { brokers: [...brokers.values()], leaderless: [...leaderless.values()] }
}

function worse(left: BrokerHealth, right: BrokerHealth): BrokerHealth {
  const [failing, other] = (left.failingForMs ?? -1) >= (right.failingForMs ?? -1) ? [left, right] : [right, left]
  return {
    nodeId: failing.nodeId ?? other.nodeId,
    address: failing.address,
    isConnected: left.isConnected || right.isConnected,
    failingForMs: failing.failingForMs,
    lastErrorCode: failing.lastErrorCode,
    requestsInFlight: left.requestsInFlight + right.requestsInFlight,
  }
}
