import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  Analysis,
  AnalysisRequest,
  AnalyzerState,
  DetectAnswers,
  DetectRequest,
  RuleInfo,
} from '../core/analysis.ts'
import { systemClock } from '../core/clock.ts'
import { OddlineError } from '../core/errors.ts'
import { packageRoot } from '../core/version.ts'
import { RulesDetector } from '../detectors/rules/detector.ts'
import { loadRules, type RuleSet } from '../detectors/rules/load.ts'
import { ModelStore } from '../learning/artifacts.ts'
import { Brain } from '../learning/brain.ts'
import { decodeState } from '../learning/lifecycle.ts'
import { createParser } from '../parsing/parser.ts'
import { withOverrides } from '../parsing/sniff.ts'
import { loadCheckpoint } from '../store/checkpoints.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { analyzeFile } from './analyze-file.ts'
import type { AnalyzerSettings } from './analyzer-protocol.ts'
import { detectLines } from './detect-lines.ts'

/** How often the models and the phase are looked at, ms. */
const LOOK_EVERY_MS = 2000

/**
 * The analysis side of one thread: rules and models in force, sessions of its own. Lines given to `detect` go on from
 * one call to the next; each file given to `analyze` is a world of its own.
 */
export class AnalyzerCore {
  readonly #settings: AnalyzerSettings
  readonly #db: Database
  readonly #rules: RuleSet
  readonly #parser = createParser()
  readonly #brain: Brain
  readonly #models: ModelStore
  /** The rules for files, and what they are like before the first line. */
  #fileRules: { readonly detector: RulesDetector; readonly asNew: Uint8Array } | undefined
  #judged = 0
  #processedBefore = 0
  #phase: AnalyzerState['phase'] = 'warmup'
  #looked = Number.NEGATIVE_INFINITY

  /** @throws OddlineError RULE_INVALID, STATE_* */
  constructor(settings: AnalyzerSettings) {
    this.#settings = settings
    const { shipped, dirs } = settings.detection.rules
    this.#rules = loadRules([...(shipped ? [join(packageRoot(), 'config/rules')] : []), ...dirs])
    this.#db = openDatabase(settings.state.dir)
    this.#models = new ModelStore(settings.models.dir || join(settings.state.dir, 'models'))
    this.#brain = this.#newBrain(new RulesDetector(this.#rules))
    this.#look()
  }

  async detect(requests: readonly DetectRequest[]): Promise<DetectAnswers> {
    this.#look()
    const now = systemClock.now()
    const { min_score: minScore } = this.#settings.detection
    const processed = this.#processedBefore + this.#judged
    this.#judged += requests.length
    return detectLines(requests, {
      parser: this.#parser,
      voters: this.#brain.voters,
      phase: this.#phase,
      minScore,
      now,
      processed,
    })
  }

  async analyze({ path, maxBytes, maxFindings, rule }: AnalysisRequest): Promise<Analysis> {
    const { logs, detection } = this.#settings
    const voters =
      rule === undefined
        ? this.#newBrain(this.#rulesAsNew()).voters
        : [{ detector: new RulesDetector(rulesOf(rule)), weight: 1, calibrate: (_: unknown, raw: Float32Array) => raw }]
    return analyzeFile(
      path,
      { maxBytes, maxFindings },
      {
        parser: createParser(),
        voters,
        phase: this.#phase,
        minScore: detection.min_score,
        maxLineBytes: logs.max_line_bytes,
        sniff: withOverrides([]),
      },
    )
  }

  refresh(): AnalyzerState {
    this.#looked = Number.NEGATIVE_INFINITY
    this.#look()
    const names = new Set(this.#brain.voters.map(({ detector }) => detector.name))
    return {
      phase: this.#phase,
      active: {
        rules: names.has('rules'),
        isolation_forest: names.has('isolation_forest'),
        transformer: names.has('transformer'),
      },
      model: this.#modelInfo(),
      rules: [...this.#rules.rules, ...this.#rules.correlations].map(ruleInfo),
    }
  }

  close(): void {
    this.#db.close()
  }

  #look(): void {
    const now = systemClock.now()
    if (now - this.#looked < LOOK_EVERY_MS) return
    this.#looked = now
    this.#brain.beginBatch()
    this.#phase = decodeState(loadCheckpoint(this.#db, 'learning')).phase
    this.#processedBefore = this.#db
      .prepare(`SELECT coalesce(sum(summary ->> '$.parsed'), 0) FROM batches`)
      .pluck()
      .get() as number
  }

  #rulesAsNew(): RulesDetector {
    if (!this.#fileRules) {
      const detector = new RulesDetector(this.#rules)
      this.#fileRules = { detector, asNew: detector.snapshot() }
    } else this.#fileRules.detector.restore(this.#fileRules.asNew)
    return this.#fileRules.detector
  }

  /** Detectors that judge and never learn. */
  #newBrain(rules: RulesDetector): Brain {
    const { detection, models } = this.#settings
    return new Brain(
      {
        rules,
        models: this.#models,
        keep: models.keep,
        contamination: detection.contamination,
        limits: { warmup: detection.warmup_logs, retrainAfter: 0, frozen: true },
        seed: detection.seed,
        weights: detection.weights,
        onPhase() {},
        onBadModel() {},
      },
      () => undefined,
    )
  }

  #modelInfo(): AnalyzerState['model'] {
    const version = this.#models.current() ?? null
    const none = { version, trainedOn: 0, vocabularySize: 0, trainingSequences: 0 }
    if (version === null) return none
    try {
      const { card } = this.#models.load(version)
      const number = (name: string) => (typeof card[name] === 'number' ? card[name] : 0)
      return {
        version,
        trainedOn: number('trained_on'),
        vocabularySize: number('vocabulary_size'),
        trainingSequences: number('training_sequences'),
      }
    } catch {
      return none
    }
  }
}

/** @throws OddlineError RULE_INVALID */
function rulesOf(text: string): RuleSet {
  const folder = mkdtempSync(join(tmpdir(), 'oddline-rule-'))
  try {
    const file = join(folder, 'rule.yml')
    writeFileSync(file, text, { mode: 0o600 })
    return loadRules([file])
  } catch (error) {
    if (!(error instanceof OddlineError)) throw error
    throw new OddlineError(error.code, error.message.replaceAll(file, 'rule'), { cause: error })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function ruleInfo(rule: RuleSet['rules'][number] | RuleSet['correlations'][number]): RuleInfo {
  const { id, title, level, kind, tags, falsePositives, origin } = rule
  return { id, title, level, kind, tags: [...tags], falsepositives: [...falsePositives], file: origin }
}
