/** Runs a check, and prints one line for it: `✓ name`, or `✗ name: reason`. */
export async function check(name, work) {
  try {
    await work()
    console.log(`✓ ${name}`)
  } catch (error) {
    console.log(`✗ ${name}: ${String(error?.message ?? error).replaceAll(/\s+/g, ' ')}`)
    process.exitCode = 1
  }
}
