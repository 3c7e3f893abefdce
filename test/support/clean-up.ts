/** Things to undo when a test file has ended; the setup file runs them. Hooks that are registered inside hooks or tests are not run by the test runner. */
const tasks: (() => Promise<void> | void)[] = [];

export function atEnd(task: () => Promise<void> | void): void {
  tasks.push(task);
}

/** Undoes everything, the latest first. */
export async function cleanUp(): Promise<void> {
  for (const task of tasks.splice(0).reverse()) await task();
}
