import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { readInitializers } from '../../graph/read.ts'
import type { TransformerModel } from './model.ts'
import { countOf, type Dimensions, parametersOf } from './parameters.ts'
import { scoringGraph } from './scoring/scoring-graph.ts'
import { FIRST_TEMPLATE, Vocabulary } from './vocabulary.ts'

export const TRANSFORMER_FILE = 'transformer_model.onnx'

const size = z.number().int().positive()

/** The transformer's part of `model_config.json`. Upper limits protect the memory from a hostile model. */
export const TransformerConfigSchema = z
  .strictObject({
    format: z.literal(1),
    file: z.literal(TRANSFORMER_FILE),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    dimensions: z.strictObject({
      vocabulary: size.max(65_536),
      context: size.max(1024),
      width: size.max(1024),
      layers: size.max(32),
      heads: size.max(64),
      inner: size.max(8192),
    }),
    overlap: size,
    templates: z
      .array(z.number().int().min(0).max(1_048_575))
      .describe('Template id of each token, from the first that is not a special one'),
    special_tokens: z.strictObject({ PAD: z.literal(0), BOS: z.literal(1), EOS: z.literal(2), UNK: z.literal(3) }),
    held_out_loss: z.number().describe('Mean negative log-likelihood of held-out sessions, nats per token'),
  })
  .refine(({ dimensions: { vocabulary }, templates }) => vocabulary === FIRST_TEMPLATE + templates.length, {
    message: 'the vocabulary does not have the size that the network was made for',
  })
  .refine(({ dimensions: { width, heads } }) => width % heads === 0, {
    message: 'the width is no multiple of the heads',
  })
  .refine(({ dimensions: { context }, overlap }) => overlap < context, {
    message: 'the overlap is not below the context',
  })

export type TransformerConfig = z.infer<typeof TransformerConfigSchema>

/** A stored model: the bytes of `transformer_model.onnx`, and its part of `model_config.json`. */
export interface EncodedTransformer {
  readonly network: Uint8Array
  readonly config: TransformerConfig
}

export function encodeTransformer(model: TransformerModel): EncodedTransformer {
  const network = scoringGraph(model)
  return {
    network,
    config: {
      format: 1,
      file: TRANSFORMER_FILE,
      sha256: sha256(network),
      dimensions: model.dimensions,
      overlap: model.overlap,
      templates: [...model.vocabulary.templates],
      special_tokens: { PAD: 0, BOS: 1, EOS: 2, UNK: 3 },
      held_out_loss: model.heldOutLoss,
    },
  }
}

/**
 * Decodes a stored model. It gives the same scores as the original.
 * @param config unchecked JSON
 * @throws OddlineError MODEL_INVALID if network or config are damaged or do not belong together
 */
export function decodeTransformer(network: Uint8Array, config: unknown): TransformerModel {
  try {
    const { sha256: expected, dimensions, overlap, templates, held_out_loss } = TransformerConfigSchema.parse(config)
    if (sha256(network) !== expected) throw new Error('its checksum does not match, it is damaged')
    const weights = weightsOf(network, dimensions)
    return { dimensions, overlap, vocabulary: new Vocabulary(templates), weights, heldOutLoss: held_out_loss }
  } catch (error) {
    throw invalid(error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error), error)
  }
}

/** Writes the network durably into a directory. The caller then writes the returned part of `model_config.json`. */
export function saveTransformer(model: TransformerModel, directory: string): TransformerConfig {
  const { network, config } = encodeTransformer(model)
  const path = join(directory, TRANSFORMER_FILE)
  const temporary = `${path}.tmp`
  const file = openSync(temporary, 'w')
  try {
    for (let written = 0; written < network.byteLength; ) written += writeSync(file, network, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  return config
}

/** Loads a saved model. `config`: what `saveTransformer` returned. @throws OddlineError MODEL_INVALID if it is damaged */
export function loadTransformer(directory: string, config: unknown): TransformerModel {
  let network: Uint8Array
  try {
    network = readFileSync(join(directory, TRANSFORMER_FILE))
  } catch (error) {
    throw invalid(messageOf(error), error)
  }
  return decodeTransformer(network, config)
}

function invalid(reason: string, cause: unknown): OddlineError {
  const advice = 'Train again (oddline train), or roll back to an earlier version (oddline models rollback).'
  return new OddlineError('MODEL_INVALID', `The saved transformer cannot be used: ${reason}. ${advice}`, { cause })
}

/** Reads the parameters from the network, which stores each as an initializer named `_` + name. */
function weightsOf(network: Uint8Array, dimensions: Dimensions): Float32Array {
  const stored = readInitializers(network)
  const parameters = parametersOf(dimensions)
  const weights = new Float32Array(countOf(parameters))
  for (const { name, offset, size } of parameters) {
    const values = stored.get(`_${name}`)
    if (values?.length !== size) throw new Error(`the network does not hold "${name}" in the right size`)
    weights.set(values, offset)
  }
  return weights
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
