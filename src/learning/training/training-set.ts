import { pack, unpack } from '../../core/pack.ts'
import type { CollectedSessions } from '../../detectors/transformer/training/collector.ts'

/** Name of the format in stored states. */
const FORMAT = 'lessons'
const VERSION = 1

/** Encodes the sessions that the transformer is being trained on, so that a restart can repeat the training. */
export function encodeTrainingSet({ sequences, complete }: CollectedSessions): Uint8Array {
  const lengths = Int32Array.from(sequences, (templates) => templates.length)
  const templates = new Int32Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const sequence of sequences) {
    templates.set(sequence, at)
    at += sequence.length
  }
  const arrays = { lengths, templates, complete: Uint8Array.from(complete, Number) }
  return pack(FORMAT, VERSION, { meta: {}, arrays })
}

/** @throws OddlineError MODEL_INVALID if the bytes are damaged or have another format */
export function decodeTrainingSet(bytes: Uint8Array): CollectedSessions {
  const { arrays } = unpack(FORMAT, VERSION, bytes)
  const templates = arrays.templates as Int32Array
  let at = 0
  const sequences = Array.from(arrays.lengths as Int32Array, (length) => {
    at += length
    return templates.slice(at - length, at)
  })
  return { sequences, complete: Array.from(arrays.complete as Uint8Array, Boolean) }
}
