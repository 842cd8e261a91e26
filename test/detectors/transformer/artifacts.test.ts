import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTransformer, saveTransformer, TRANSFORMER_FILE } from '../../../src/detectors/transformer/artifacts.ts'
import { SequenceScorer } from '../../../src/detectors/transformer/scoring/scorer.ts'
import { selfTest } from '../../../src/detectors/transformer/self-test.ts'
import { tempDir } from '../../support/temp.ts'
import { goodSession, SELF_TEST, smallModel } from './support.ts'

const sessions = [Int32Array.from(goodSession(5)), Int32Array.from([10, 22, 21, 77])]

async function scoresOf(network: Parameters<typeof SequenceScorer.openNetwork>[1]) {
  const scorer = await SequenceScorer.openNetwork(smallModel(), network)
  const scores = await scorer.scoreSessions(sessions)
  await scorer.close()
  return scores
}

describe('a saved transformer', () => {
  it('is the same when it is read back, and its file scores the same by itself', async () => {
    const directory = tempDir()
    const model = smallModel()
    const config = JSON.parse(JSON.stringify(saveTransformer(model, directory)))
    const loaded = loadTransformer(directory, config)
    expect(loaded.weights).toEqual(model.weights)
    expect(loaded.vocabulary.templates).toEqual(model.vocabulary.templates)
    expect({ ...loaded, weights: 0, vocabulary: 0 }).toEqual({ ...model, weights: 0, vocabulary: 0 })
    const scorer = await SequenceScorer.open(loaded)
    expect(await scoresOf(join(directory, TRANSFORMER_FILE))).toEqual(await scorer.scoreSessions(sessions))
    await scorer.close()
  })

  it('is refused when its file is damaged, missing, or another than its description says', () => {
    const directory = tempDir()
    const config = saveTransformer(smallModel(), directory)
    const file = join(directory, TRANSFORMER_FILE)
    const bytes = readFileSync(file)
    const refused = (part: object, reason: string) =>
      expect(() => loadTransformer(directory, { ...config, ...part })).toThrow(
        expect.objectContaining({ code: 'MODEL_INVALID', message: expect.stringContaining(reason) }),
      )

    refused({ overlap: 64 }, 'overlap')
    refused({ templates: [1, 2] }, 'vocabulary')
    refused({ dimensions: { ...config.dimensions, width: 32 } }, 'right size')
    refused({ dimensions: { ...config.dimensions, width: 1e9 } }, 'width')
    refused({ file: '../../etc/passwd' }, 'file')
    expect(() => loadTransformer(tempDir(), config)).toThrow('ENOENT')
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(file, bytes)
    refused({}, 'checksum')
  })
})

describe('the self-test', () => {
  it('finds that this host scores as the one that made the golden scores', async () => {
    expect(await selfTest(SELF_TEST)).toBeLessThanOrEqual(0.005)
  })

  it('fails when a score differs, and says what to do', async () => {
    const directory = tempDir()
    cpSync(SELF_TEST, directory, { recursive: true })
    const file = join(directory, 'golden.json')
    const golden = JSON.parse(readFileSync(file, 'utf8'))
    golden.nll[1][70] += 0.5
    writeFileSync(file, JSON.stringify(golden))
    await expect(selfTest(directory)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('0.5'),
    })
  })

  it('fails when its files are not there', async () => {
    await expect(selfTest(tempDir())).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })
})
