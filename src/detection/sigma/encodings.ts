/** The bytes of a text as characters of one byte each, in an encoding of its units. */
export function wideText(text: string, form: 'le' | 'be' | 'bom'): string {
  const bytes = Buffer.from(form === 'bom' ? `\ufeff${text}` : text, 'utf16le')
  return (form === 'be' ? bytes.swap16() : bytes).toString('latin1')
}

/** Of a text whose characters are bytes already, or of any other, as UTF-8. */
function bytesOf(text: string, isBytes: boolean): Buffer {
  return Buffer.from(text, isBytes ? 'latin1' : 'utf8')
}

export function base64Of(text: string, isBytes: boolean): string {
  return bytesOf(text, isBytes).toString('base64')
}

const starts = [0, 2, 3]
const ends = [0, 3, 2]

/** What the text looks like within a longer one in base64: by where in three bytes it begins. */
export function base64Offsets(text: string, isBytes: boolean): readonly string[] {
  const bytes = bytesOf(text, isBytes)
  return starts.map((start, offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset, ' '), bytes]).toString('base64')
    return encoded.slice(start, encoded.length - (ends[(bytes.length + offset) % 3] as number))
  })
}

const dashes = ['-', '/', '\u2013', '\u2014', '\u2015']
/** Texts with more places have the same sign at all of them: each place by itself would be thousands of texts. */
const placesMax = 3

/** The text with each sign with which options begin on Windows, wherever it has one. */
export function dashVariants(text: string): readonly string[] {
  const places = Array.from(text.matchAll(/\B[-/]\b/g), ({ index }) => index)
  if (places.length > placesMax) return dashes.map((dash) => text.replaceAll(/\B[-/]\b/g, dash))
  let variants = [text]
  for (const place of places)
    variants = variants.flatMap((variant) =>
      dashes.map((dash) => variant.slice(0, place) + dash + variant.slice(place + 1)),
    )
  return variants
}
