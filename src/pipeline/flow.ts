import type { EventBlock } from '../core/columns/block.ts'
import type { BlockMemory } from '../core/columns/block-memory.ts'
import type { Evidence, Finding, Phase } from '../core/documents/finding.ts'
import type { Adjust } from '../learning/adjust.ts'
import type { Checkpoint } from '../learning/checkpoints.ts'
import type { Voter } from '../learning/models/voter.ts'
import { type AdjustedCounts, decide, evidenceOf, findingsOf, type Verdicts } from './judge.ts'
import type { Written } from './output/held-findings.ts'

/** The learning side as the flow sees it; it may exchange the voters at its horizon. */
export interface Learner {
  readonly phase: Phase
  /** How far the models are that judge now: it changes only where they do. */
  readonly judging: Phase
  readonly voters: readonly Voter[]
  /** Events that may be taken in until the voters change; Infinity where none is foreseen. */
  readonly horizon: number
  /** Called after each block with what was flagged in it, which is never learnt. */
  learn(block: EventBlock, flagged: Uint8Array): Promise<void>
  /** State of the detectors after the blocks that they were given so far. */
  detectorState(): Promise<Checkpoint[]>
  /** State of what learns after the blocks that it was given so far. */
  learningState(): Checkpoint[]
}

export interface FlowOptions {
  readonly logDir: string
  readonly minScore: number
  /** What people have said of findings like these. */
  readonly adjust?: Adjust
  /** Whether detectors work on threads of their own, so that it pays to be ahead of them. */
  readonly threads: boolean
  /** Memory of the blocks that several threads use. */
  readonly memory: BlockMemory
  /** Blocks per `scoreMany`. */
  readonly group?: number
  /** Share of the usual number of blocks in flight; 1 by default. */
  readonly window?: number
}

/** A finished block. Blocks finish in the order of reading. */
export interface Done<Account> {
  readonly account: Account
  readonly findings: readonly Written[]
  readonly adjusted: AdjustedCounts
  /** The state after the events up to here, if it was asked for. */
  readonly state?: readonly Checkpoint[]
}

interface Passage<Account> {
  readonly block: EventBlock
  readonly account: Account
  readonly voters: readonly Voter[]
  readonly phase: Phase
  readonly scores: (Float32Array | Promise<Float32Array>)[]
  /** Whether its state is wanted, and what the detectors' is, once they were asked. */
  readonly marked: boolean
  detectors?: Promise<Checkpoint[]>
}

interface Explaining<Account> extends Passage<Account> {
  readonly verdicts: Verdicts
  readonly evidence: Promise<Evidence[][]>
}

/** Blocks that the transformer scores at once: it reads the context of each session once per group. */
const GROUP = 8
/** Blocks that wait at a detector's thread while it works on one. */
const AHEAD = 4
/** Findings that are explained ahead: their evidence takes about 3 KB each. */
const EXPLAINED_AHEAD = 4096

/**
 * Carries blocks through the detectors. All detectors are asked ahead; votes, explanations and learning follow in the
 * order of reading. Voters change only at the horizon, when no block is in flight, so findings do not depend on the number
 * of blocks in flight. That number is bounded, which holds back the reader.
 */
export class Flow<Account> {
  readonly #learner: Learner
  readonly #options: FlowOptions
  readonly #onDone: (done: Done<Account>) => void
  readonly #scoring: Passage<Account>[] = []
  readonly #explaining: Explaining<Account>[] = []
  #group: Passage<Account>[] = []
  /** Small at first, so that the threads get work at once. */
  #groupSize = 1
  #unlearnt = 0
  /** Findings in `#explaining`. */
  #explained = 0

  /** `onDone` is called for each block in its order. */
  constructor(learner: Learner, options: FlowOptions, onDone: (done: Done<Account>) => void) {
    this.#learner = learner
    this.#options = options
    this.#onDone = onDone
  }

  /** Events that may be given at once until the voters change. */
  get room(): number {
    return this.#learner.horizon - this.#unlearnt
  }

  /** Takes in at most `room` events. With `marked`, the finished block carries the state after them. */
  async push(block: EventBlock, account: Account, marked: boolean): Promise<number> {
    const last = block.count >= this.room
    const { judging } = this.#learner
    const voters = block.count > 0 ? this.#learner.voters : []
    this.#unlearnt += block.count
    const passage: Passage<Account> = { block, account, voters, phase: judging, scores: [], marked }
    this.#scoring.push(passage)
    if (block.count > 0) this.#group.push(passage)
    if (this.#group.length >= this.#groupSize || marked || last) this.#askGroup()
    // The rules, which keep this thread busy, are the first voter; those on other threads are asked before them.
    for (let v = voters.length - 1; v >= 0; v--) {
      const { detector } = voters[v]
      if (!detector.scoreMany) passage.scores[v] = awaitedLater(detector.score(block))
    }
    // At the horizon the detectors may be others afterwards: their state is taken then.
    if (marked && !last) passage.detectors = awaitedLater(this.#learner.detectorState())
    const matches = countMatches(passage.scores[0])
    if (last) await this.drain()
    else await this.#advance(this.#ahead())
    return matches
  }

  /** Finishes all blocks in flight. */
  async drain(): Promise<void> {
    this.#askGroup()
    await this.#advance({ scoring: 0, explaining: 0 })
  }

  #ahead(): { readonly scoring: number; readonly explaining: number } {
    const { threads } = this.#options
    const group = this.#largestGroup
    const { voters } = this.#learner
    const grouped = voters.some(({ detector }) => detector.scoreMany)
    if (!threads) return { scoring: grouped ? group - 1 : 0, explaining: 0 }
    if (voters.length === 1) return { scoring: 0, explaining: 0 }
    const ahead = this.#share(AHEAD)
    return { scoring: grouped ? 2 * group : ahead, explaining: ahead }
  }

  get #largestGroup(): number {
    return this.#share(this.#options.group ?? GROUP)
  }

  #share(blocks: number): number {
    return Math.ceil(blocks * (this.#options.window ?? 1))
  }

  #askGroup(): void {
    const passages = this.#group
    this.#group = []
    this.#groupSize = Math.min(2 * this.#groupSize, this.#largestGroup)
    if (passages.length === 0) return
    passages[0].voters.forEach(({ detector }, v) => {
      if (!detector.scoreMany) return
      const answer = awaitedLater(detector.scoreMany(passages.map(({ block }) => block)))
      for (const [i, { scores }] of passages.entries()) scores[v] = awaitedLater(answer.then((all) => all[i]))
    })
  }

  async #advance(ahead: { readonly scoring: number; readonly explaining: number }): Promise<void> {
    while (this.#scoring.length > ahead.scoring) await this.#decide(this.#scoring.shift()!)
    while (this.#explaining.length > ahead.explaining) await this.#finish()
  }

  async #decide(passage: Passage<Account>): Promise<void> {
    const { block, voters } = passage
    const verdicts = decide(block, voters, await Promise.all(passage.scores), this.#options.minScore)
    const found = verdicts.verdicts.length
    while (this.#explained > 0 && this.#explained + found > EXPLAINED_AHEAD) await this.#finish()
    this.#explained += found
    const evidence = awaitedLater(evidenceOf(block, voters, verdicts))
    this.#explaining.push({ ...passage, scores: [], verdicts, evidence })
  }

  async #finish(): Promise<void> {
    const { block, voters, phase, account, verdicts, marked, ...asked } = this.#explaining.shift()!
    this.#explained -= verdicts.verdicts.length
    const judged = findingsOf(block, verdicts, await asked.evidence, { ...this.#options, phase })
    await this.#learner.learn(block, judged.flagged)
    this.#unlearnt -= block.count
    const learning = marked ? this.#learner.learningState() : []
    const state = marked ? [...learning, ...(await (asked.detectors ?? this.#learner.detectorState()))] : undefined
    for (const { detector } of voters) detector.release?.(block)
    this.#onDone({ account, findings: judged.findings.map(written), adjusted: judged.adjusted, state })
    this.#options.memory.release(block)
  }
}

function written(finding: Finding): Written {
  return { finding, document: JSON.stringify(finding) }
}

/** Keeps a rejection from counting as unhandled until the promise is awaited. */
function awaitedLater<T extends Float32Array | Promise<unknown>>(answer: T): T {
  if (answer instanceof Promise) answer.catch(() => {})
  return answer
}

/** Events that the rules are certain of. */
function countMatches(scores: Float32Array | Promise<Float32Array> | undefined): number {
  let count = 0
  if (scores instanceof Float32Array) for (const score of scores) if (!Number.isNaN(score)) count++
  return count
}
