/** The oldest Node that runs this program; package.json says the same to npm. */
const OLDEST = [20, 19]

/** Why this Node cannot run the program, if so. Imported before anything that an older Node could not even read. */
export function tooOld(version: string): string | undefined {
  const [major, minor] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `This is Node ${version}; Oddline needs Node ${OLDEST.join('.')} or newer. Install one and run again.`
}
