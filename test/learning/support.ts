import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { EventBlock } from '../../src/core/columns/block.ts'
import { sliceBlock } from '../../src/core/columns/block-slice.ts'
import { DRIFT, type DriftReport, decodeDrift } from '../../src/core/documents/drift.ts'
import type { Finding, Phase } from '../../src/core/documents/finding.ts'
import { RulesDetector } from '../../src/detectors/rules/detector.ts'
import { loadRules } from '../../src/detectors/rules/loading/load.ts'
import { trainTransformer } from '../../src/detectors/transformer/training/trainer.ts'
import { Learning } from '../../src/learning/learning.ts'
import type { LearningOptions } from '../../src/learning/learning-options.ts'
import { ModelStore } from '../../src/learning/models/artifacts.ts'
import { encodeOrders, ORDERS, type Orders } from '../../src/learning/orders.ts'
import { judge } from '../../src/pipeline/judge.ts'
import { loadCheckpoint, saveCheckpoints } from '../../src/store/checkpoints.ts'
import { openDatabase } from '../../src/store/database.ts'
import { httpBlock, type Request } from '../support/blocks/http-block.ts'
import { restore, type Snapshot, snapshotOf } from '../support/snapshot.ts'
import { tempDir } from '../support/temp.ts'

const STEPS = ['/', '/list?page=2', '/item?id=17', '/cart', '/pay']
const START = Date.UTC(2026, 0, 5)

/** Shoppers who go the same way through a small shop, `from` the nth event of it on; every 11th misses a page. */
export function shopping(count: number, from = 0): Request[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i
    const visit = Math.floor(n / 60)
    const step = Math.floor((n % 60) / 6)
    return {
      client: `198.51.${visit % 200}.${n % 6}`,
      target: STEPS[step % STEPS.length].replace('17', String(n % 90)),
      status: n % 11 === 0 ? 404 : 200,
      bytes: 900 + ((n * 37) % 400),
      time: START + visit * 3_600_000 + (n % 60) * 1000,
    }
  })
}

/** A request that the shipped rules find. */
export const ATTACK: Request = {
  client: '203.0.113.9',
  target: "/item?id=1%27%20UNION%20SELECT%20password%20FROM%20users--%20'",
  time: START,
}

export const WARMUP = 1200
const RULES = loadRules([join(import.meta.dirname, '../../config/rules')])

/** The learning of one state directory, driven as the pipeline drives it, with real files and a real database. */
export class Life {
  readonly models: ModelStore
  readonly phases: string[] = []
  readonly problems: string[] = []
  readonly due: string[] = []
  readonly #db
  readonly #options: Partial<LearningOptions>
  #learning: Learning | undefined

  constructor(dir: string, options: Partial<LearningOptions> = {}) {
    this.#db = openDatabase(join(dir, 'state'))
    this.#options = options
    this.models = new ModelStore(join(dir, 'models'))
    onTestFinished(() => this.close())
  }

  async close(): Promise<void> {
    await this.die()
    this.#db.close()
  }

  async learning(): Promise<Learning> {
    this.#learning ??= await Learning.open(
      {
        rules: new RulesDetector(RULES),
        models: this.models,
        keep: 5,
        contamination: 0.01,
        weights: { rules: 0.8, isolation_forest: 0.6, transformer: 0.7 },
        limits: { warmup: WARMUP, retrainAfter: 0 },
        frozen: false,
        drift: { templates: 0.05, index: 0.25 },
        seed: 1,
        train: (sequences, size, more) =>
          trainTransformer(sequences, size, { ...more, width: 16, layers: 1, heads: 2, maxEpochs: 2 }),
        maxTokens: 3_000_000,
        onPhase: (from: Phase, to: Phase) => this.phases.push(`${from} -> ${to}`),
        onDue: (reason) => this.due.push(reason),
        onTraining: () => {},
        onTrainingFailed: (reason) => this.problems.push(reason),
        onBadModel: (error) => this.problems.push(error.message),
        onBadState: (_, error) => this.problems.push(error.message),
        ...this.#options,
      },
      (name) => loadCheckpoint(this.#db, name),
    )
    return this.#learning
  }

  /** A batch of these requests, committed after each block of `size`; training goes on when it ends. */
  async batch(requests: readonly Request[], size = requests.length, resumed = false): Promise<Finding[]> {
    const starts = Array.from({ length: Math.ceil(requests.length / size) || 0 }, (_, i) => i * size)
    return this.blocks(
      starts.map((at) => httpBlock(requests.slice(at, at + size))),
      resumed,
    )
  }

  /** A batch of these blocks, committed after each. */
  async blocks(blocks: readonly EventBlock[], resumed = false): Promise<Finding[]> {
    const learning = await this.learning()
    await learning.beginBatch({ resumed, dryRun: false })
    const findings: Finding[] = []
    for (const block of blocks) {
      for (let from = 0; from < block.count; ) {
        const to = Math.min(block.count, from + learning.horizon)
        const events = sliceBlock(block, from, to)
        const judged = await judge(events, learning.voters, { minScore: 0.5, phase: learning.judging, logDir: '.' })
        await learning.learn(events, judged.flagged)
        findings.push(...judged.findings)
        from = to
      }
      await this.commit()
    }
    return findings
  }

  async settle(): Promise<void> {
    await (await this.learning()).settle(new AbortController().signal)
    await this.commit()
  }

  async commit(): Promise<void> {
    saveCheckpoints(this.#db, await this.#learning!.checkpoints())
  }

  drift(): Promise<DriftReport | undefined> {
    return Promise.resolve(decodeDrift(loadCheckpoint(this.#db, DRIFT)))
  }

  order(orders: Orders): void {
    saveCheckpoints(this.#db, [{ name: ORDERS, value: encodeOrders(orders) }])
  }

  damage(checkpoint: string): void {
    saveCheckpoints(this.#db, [{ name: checkpoint, value: Buffer.from('noise') }])
  }

  /** The process dies: what was not committed is gone. */
  async die(): Promise<void> {
    await this.#learning?.close()
    this.#learning = undefined
  }
}

export const FOREST_ALONE = { rules: 0.8, isolation_forest: 0.6, transformer: 0 }

const warmups = new Map<string, Promise<Snapshot>>()

/**
 * A life with its models in force, which know the shop alone. Only the weights make a difference to the warmup, so what
 * it leaves on the disk is made once for each, and the life goes on from a copy as after a restart.
 */
export async function grown(options: Partial<LearningOptions> = {}, dir = tempDir()): Promise<Life> {
  const key = JSON.stringify(options.weights ?? 'default')
  if (!warmups.has(key)) warmups.set(key, warmedUp(options))
  restore(await warmups.get(key)!, dir)
  return new Life(dir, options)
}

async function warmedUp({ weights }: Partial<LearningOptions>): Promise<Snapshot> {
  const dir = tempDir()
  const life = new Life(dir, weights && { weights })
  await life.batch(shopping(WARMUP))
  await life.settle()
  await life.batch([])
  await life.commit()
  await life.close()
  return snapshotOf(dir)
}

/** What findings say, without the places that depend on how lines were cut into blocks. */
export function said(findings: readonly Finding[]) {
  return findings.map(({ message, oddline }) => ({ message, ...oddline }))
}
