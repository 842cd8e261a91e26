import type { StructureModel } from './structure.ts'

/** Characters of the most surprising part. */
const SHOWN = 6

/** The most surprising part of text[start, end); empty if the text is. */
export function stretchOf(structure: StructureModel, zone: number, text: string, start = 0, end = text.length): string {
  structure.measure(zone, text, start, end, false)
  let from = structure.peakEnd
  for (let shown = 0; shown < SHOWN && from > start; shown++) {
    const escaped = from - 3 >= start && text[from - 3] === '%'
    from -= escaped ? 3 : 1
  }
  return text.slice(from, structure.peakEnd)
}
