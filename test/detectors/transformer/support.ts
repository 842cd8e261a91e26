import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventBlock, HttpBlock } from '../../../src/core/columns/block.ts'
import { loadTransformer } from '../../../src/detectors/transformer/artifacts.ts'
import type { TransformerModel } from '../../../src/detectors/transformer/model.ts'
import { httpBlock, type Request } from '../../support/blocks/http-block.ts'

export const SELF_TEST = join('models', 'self-test')

/** The shipped small model. Its sessions open (10), go round the steps 20 to 23 in order, and close (11). */
export function smallModel(): TransformerModel {
  const { transformer } = JSON.parse(readFileSync(join(SELF_TEST, 'model_config.json'), 'utf8'))
  return loadTransformer(SELF_TEST, transformer)
}

/** A well-behaved session of the small model. */
export function goodSession(steps: number): number[] {
  return [10, ...Array.from({ length: steps }, (_, i) => 20 + (i % 4)), 11]
}

export interface Event {
  readonly client: string
  readonly template: number
  readonly time?: number
}

/** Events as requests whose status is their template. */
export function blockOf(events: readonly Event[]): HttpBlock {
  return httpBlock(events.map(({ client, template, time }): Request => ({ client, status: template, time })))
}

export function templatesOf(block: EventBlock): Int32Array {
  return block.kind === 'http' ? Int32Array.from(block.status) : new Int32Array(block.count)
}
