const halfCharacter = /\p{Surrogate}/u
const halfCharacters = /\p{Surrogate}/gu

/** The text with a mark in place of each half of a character, which `encodeURIComponent` throws for. */
export function wholeCharacters(text: string): string {
  return halfCharacter.test(text) ? text.replace(halfCharacters, '\ufffd') : text
}
