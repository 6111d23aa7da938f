/** What fills a line: runs of one character, and pairs that patterns begin and never end. */
const fillers = ['a', ' ', '[', '"\\', 'a=', '1.', 'a-[', '::', '\u001b[', '<a ']

/** Lines that are nearly what a parser reads: its own line, with a long run at one of its places. */
export function* hostileLines(line: string, length: number): Generator<string> {
  const places = [0, ...[...line.matchAll(/[^\w.]+/g)].map(({ index }) => index + 1)]
  for (const [index, filler] of fillers.entries()) {
    const place = places[(index * 3) % places.length] as number
    yield line.slice(0, place) + filler.repeat(Math.ceil(length / filler.length)) + line.slice(place)
  }
}
