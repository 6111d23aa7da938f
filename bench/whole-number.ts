import { InvalidArgumentError } from 'commander'

/** Reads the value of an option that is a whole number, at least so much. */
export function wholeNumber(least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`)
  }
}
