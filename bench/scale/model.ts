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

/** A line through the costs of records of several sizes, by least squares: of a record, and of each of its bytes. */
export function costsBySize(points: readonly { readonly bytes: number; readonly us: number }[]): {
  readonly usOfRecord: number
  readonly usOfByte: number
} {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanBytes, meanUs] = [mean(points.map(({ bytes }) => bytes)), mean(points.map(({ us }) => us))]
  const spread = points.reduce((sum, { bytes }) => sum + (bytes - meanBytes) ** 2, 0)
  const both = points.reduce((sum, { bytes, us }) => sum + (bytes - meanBytes) * (us - meanUs), 0)
  const usOfByte = spread === 0 ? 0 : both / spread
  return { usOfRecord: meanUs - usOfByte * meanBytes, usOfByte }
}
