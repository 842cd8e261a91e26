import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ConfigSchema } from '../config/schema.ts'
import { RulesDetector } from '../detectors/rules/detector.ts'
import { markOf, shippedMark } from '../detectors/rules/loading/checked-rules.ts'
import { loadRules } from '../detectors/rules/loading/load.ts'
import { RuleCache } from '../detectors/rules/loading/rule-cache.ts'
import { ruleDirectories } from '../detectors/rules/loading/rule-files.ts'

/** Build step: checks the built-in rules and writes their cache and the mark that they are valid. Fails on an invalid rule. */
const { rules } = ConfigSchema.parse({}).detection
const mark = markOf(rules)
const cache = new RuleCache()
new RulesDetector(loadRules(ruleDirectories(rules), { cache }), rules)
cache.write(fileURLToPath(new URL('../rules.cache', import.meta.url)))
if (mark !== undefined) writeFileSync(shippedMark(), mark)
