import { modelsDir } from '../../config/models-dir.ts'
import { systemClock } from '../../core/clock.ts'
import type {
  Analysis,
  AnalysisRequest,
  AnalyzerState,
  DetectAnswer,
  DetectRequest,
  RuleInfo,
} from '../../core/documents/analysis.ts'
import { RulesDetector } from '../../detectors/rules/detector.ts'
import { openRuleSource } from '../../detectors/rules/loading/kept-rules.ts'
import { type RuleSet, rulesOfText } from '../../detectors/rules/loading/load.ts'
import { type Adjust, compileAdjustments } from '../../learning/adjust.ts'
import { ActiveModels } from '../../learning/models/active-models.ts'
import { ModelStore } from '../../learning/models/artifacts.ts'
import type { Voter } from '../../learning/models/voter.ts'
import { createParser } from '../../parsing/parser.ts'
import { withOverrides } from '../../parsing/sniff.ts'
import { readTotals } from '../../queries/batches.ts'
import { learningPhase } from '../../queries/learning.ts'
import { adjustmentsAt } from '../../store/adjustments.ts'
import { loadCheckpoint } from '../../store/checkpoints.ts'
import { type Database, openDatabase } from '../../store/database.ts'
import { Templater } from '../../templates/templater.ts'
import { analyzeLogs } from './analyze-logs.ts'
import type { AnalyzerSettings } from './analyzer-protocol.ts'
import { detectLines } from './detect-lines.ts'

/** How often the models and the phase are looked at, ms. */
const LOOK_EVERY_MS = 2000
/** The checkpoint of what the forest knows of clients. */
const FOREST_STATE = 'detector.isolation_forest'

/**
 * The analysis side of one thread: rules and models in force, sessions of its own. Lines given to `detect` go on from
 * one call to the next; each file given to `analyze` is a world of its own.
 */
export class AnalyzerCore {
  readonly #settings: AnalyzerSettings
  readonly #db: Database
  readonly #ruleSet: RuleSet
  readonly #rules: RulesDetector
  readonly #parser = createParser()
  readonly #models: ActiveModels
  /** The rules for files, and what they are like before the first line. */
  #fileRules: { readonly detector: RulesDetector; readonly asNew: Uint8Array } | undefined
  #vocabulary: { readonly version: number; readonly size: number } | undefined
  #judged = 0
  #processedBefore = 0
  #phase: AnalyzerState['phase'] = 'warmup'
  #looked = Number.NEGATIVE_INFINITY
  /** What people have said of findings; absent where they have said nothing. */
  #adjust: Adjust | undefined

  private constructor(settings: AnalyzerSettings, ruleSet: RuleSet, db: Database) {
    const { detection } = settings
    this.#settings = settings
    this.#ruleSet = ruleSet
    this.#rules = new RulesDetector(ruleSet, detection.rules)
    this.#db = db
    this.#models = new ActiveModels(new ModelStore(modelsDir(settings)), {
      ...detection,
      alertsPerDay: detection.alerts_per_day,
    })
  }

  /** @throws OddlineError RULE_INVALID, STATE_* */
  static async open(settings: AnalyzerSettings): Promise<AnalyzerCore> {
    // The batch thread reports rules that are invalid, and keeps those that are valid.
    const rules = openRuleSource(settings.detection.rules, settings.state.dir).current
    const core = new AnalyzerCore(settings, rules, openDatabase(settings.state.dir))
    try {
      await core.#look()
      return core
    } catch (error) {
      await core.close()
      throw error
    }
  }

  /** The answers, in their order, lie one behind the other in one buffer. */
  async detect(requests: readonly DetectRequest[]): Promise<DetectAnswer[]> {
    await this.#look()
    const now = systemClock.now()
    const { min_score: minScore } = this.#settings.detection
    const processed = this.#processedBefore + this.#judged
    this.#judged += requests.reduce((sum, { lines }) => sum + lines.length, 0)
    const voters = [this.#ruleVoter(this.#rules), ...this.#models.voters]
    const context = { parser: this.#parser, voters, phase: this.#phase, minScore, now, processed, adjust: this.#adjust }
    return detectLines(requests, context)
  }

  async analyze(
    { logs: analysed, maxBytes, maxFindings, rule }: AnalysisRequest,
    cancelled: () => boolean,
  ): Promise<Analysis> {
    await this.#look()
    const { logs, detection } = this.#settings
    const force = rule === undefined ? await this.#models.openCopy() : undefined
    const rules = rule === undefined ? this.#rulesAsNew() : new RulesDetector(rulesOfText(rule, 'rule'))
    try {
      return await analyzeLogs(
        analysed,
        { maxBytes, maxFindings },
        {
          parser: createParser(),
          voters: [this.#ruleVoter(rules), ...(force?.voters ?? [])],
          phase: this.#phase,
          minScore: detection.min_score,
          adjust: rule === undefined ? this.#adjust : undefined,
          maxLineBytes: logs.max_line_bytes,
          sniff: withOverrides([]),
          cancelled,
        },
      )
    } finally {
      await force?.close()
    }
  }

  async refresh(): Promise<AnalyzerState> {
    this.#looked = Number.NEGATIVE_INFINITY
    await this.#look()
    const names = new Set(this.#models.voters.map(({ detector }) => detector.name))
    const { set } = this.#models
    return {
      phase: this.#phase,
      active: { rules: true, isolation_forest: names.has('isolation_forest'), transformer: names.has('transformer') },
      model: {
        version: set?.version ?? null,
        trainedOn: set?.trainedOn ?? 0,
        vocabularySize: set ? this.#vocabularySize(set) : 0,
        trainingSequences: set?.transformer?.sequences ?? 0,
      },
      rules: [...this.#ruleSet.rules, ...this.#ruleSet.correlations].map(ruleInfo),
    }
  }

  async close(): Promise<void> {
    await this.#models.close()
    this.#db.close()
  }

  #vocabularySize({ version, templates }: { readonly version: number; readonly templates: Uint8Array }): number {
    if (this.#vocabulary?.version !== version) {
      this.#vocabulary = { version, size: Templater.restore(templates).size }
    }
    return this.#vocabulary.size
  }

  /** Clients that the batches know are known here too, the first time that there are models. */
  async #look(): Promise<void> {
    const now = systemClock.now()
    if (now - this.#looked < LOOK_EVERY_MS) return
    this.#looked = now
    // The batch thread reports a damaged checkpoint; here clients are then unknown.
    const known = (name: string) => (name === FOREST_STATE ? loadCheckpoint(this.#db, name) : undefined)
    await this.#models.follow(undefined, known)
    this.#phase = learningPhase(this.#db)
    const applied = adjustmentsAt(this.#db, now)
    this.#adjust = applied.length > 0 ? compileAdjustments(applied, this.#settings.detection.min_score) : undefined
    this.#processedBefore = readTotals(this.#db).parsed
  }

  #ruleVoter(detector: RulesDetector): Voter {
    return { detector, weight: this.#settings.detection.weights.rules, calibrate: (_, raw) => raw }
  }

  #rulesAsNew(): RulesDetector {
    if (!this.#fileRules) {
      const detector = new RulesDetector(this.#ruleSet, this.#settings.detection.rules)
      this.#fileRules = { detector, asNew: detector.snapshot() }
    } else this.#fileRules.detector.restore(this.#fileRules.asNew)
    return this.#fileRules.detector
  }
}

function ruleInfo(rule: RuleSet['rules'][number] | RuleSet['correlations'][number]): RuleInfo {
  const { id, title, level, kind, tags, falsePositives, origin } = rule
  return { id, title, level, kind, tags: [...tags], falsepositives: [...falsePositives], file: origin }
}
