import { writeFileSync } from 'node:fs'
import { ConfigSchema } from '../config/schema.ts'
import { RulesDetector } from '../detectors/rules/detector.ts'
import { loadRules } from '../detectors/rules/load.ts'
import { ruleDirectories } from '../detectors/rules/rule-files.ts'
import { markOf, shippedMark } from './checked-rules.ts'

/** Checks the shipped rules and leaves their mark: a part of the build, which ends with an error where they are wrong. */
const { rules } = ConfigSchema.parse({}).detection
const mark = markOf(rules)
new RulesDetector(loadRules(ruleDirectories(rules)), rules)
if (mark !== undefined) writeFileSync(shippedMark(), mark)
