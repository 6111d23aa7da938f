/** What one record costs, measured on one machine. */
export interface MeasuredCosts {
  /** Processor time of a record without its bytes, and of a byte, in microseconds. */
  readonly usOfRecord: number
  readonly usOfByte: number
  /** More for a record that changes a row of a store. */
  readonly usOfRow: number
  /** Of the broker, for a record that it receives once and passes on once. */
  readonly brokerUsOfRecord: number
  /** How many times as fast a process with two threads is. */
  readonly ofTwoThreads: number
}

/** What is to be carried. */
export interface Load {
  readonly instances: number
  readonly recordsPerSecond: number
  readonly recordBytes: number
  readonly replicas: number
}

/** What the costs say about a load. */
export interface Forecast {
  readonly recordsPerSecondOfInstance: number
  /** Cores that are busy, of an instance and of all brokers together. */
  readonly coresOfInstance: number
  readonly brokerCores: number
  /** What one instance with one thread and with two could carry, at full load. */
  readonly mostOfOneThread: number
  readonly mostOfTwoThreads: number
  readonly megabytesPerSecond: number
}

/** What has to be true for a forecast. */
export const assumptions: readonly string[] = [
  'each record is read once, changes one row of a store, and is written once',
  'processor time of a record stays the same with more instances, because they share nothing but the brokers',
  'keys and partitions are spread evenly, with at least one partition for each thread',
  'brokers need the same time again for each replica',
  'the network, the disks of the brokers, and rebalances of so many members are not part of it',
]

/** Carries measured costs over to a load. */
export function forecast(costs: MeasuredCosts, load: Load): Forecast {
  const { usOfRecord, usOfByte, usOfRow, brokerUsOfRecord, ofTwoThreads } = costs
  const us = usOfRecord + usOfByte * load.recordBytes + usOfRow
  const ofInstance = load.recordsPerSecond / load.instances
  const mostOfOneThread = 1e6 / us
  return {
    recordsPerSecondOfInstance: ofInstance,
    coresOfInstance: (ofInstance * us) / 1e6,
    brokerCores: (load.recordsPerSecond * brokerUsOfRecord * load.replicas) / 1e6,
    mostOfOneThread,
    mostOfTwoThreads: mostOfOneThread * ofTwoThreads,
    megabytesPerSecond: (load.recordsPerSecond * load.recordBytes) / 1e6,
  }
}

/**
 * A line through the costs of records of several sizes: of a record, and of each of its bytes. By least squares of what
 * each cost is off as a share of itself, because large records cost hundreds of times as much as small ones.
 */
export function costsBySize(points: readonly { readonly bytes: number; readonly us: number }[]): {
  readonly usOfRecord: number
  readonly usOfByte: number
} {
  const weights = points.map(({ us }) => 1 / us ** 2)
  const sum = (valueOf: (point: { readonly bytes: number; readonly us: number }) => number): number =>
    points.reduce((total, point, index) => total + (weights[index] as number) * valueOf(point), 0)
  const whole = sum(() => 1)
  const [meanBytes, meanUs] = [sum(({ bytes }) => bytes) / whole, sum(({ us }) => us) / whole]
  const spread = sum(({ bytes }) => (bytes - meanBytes) ** 2)
  const usOfByte = spread === 0 ? 0 : sum(({ bytes, us }) => (bytes - meanBytes) * (us - meanUs)) / spread
  return { usOfRecord: meanUs - usOfByte * meanBytes, usOfByte }
}
