/** Seconds in milliseconds; every time in this library is a number of milliseconds. */
export const seconds = (count: number): number => count * 1000
/** Minutes in milliseconds. */
export const minutes = (count: number): number => count * 60_000
/** Hours in milliseconds. */
export const hours = (count: number): number => count * 3_600_000
/** Days in milliseconds, of 24 hours each. */
export const days = (count: number): number => count * 86_400_000
