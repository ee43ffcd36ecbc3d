// node tests/support/with_stack.js COMMAND ARGUMENT..: runs a command while one stack is up for all the test files it
// runs. Where the stack is stands in HEARTLINE_TEST_URL and HEARTLINE_TEST_HOME. The exit code is the command's.
import { spawn } from 'node:child_process';
import { startStack } from './stack.js';

const [command, ...args] = process.argv.slice(2);
const stack = await startStack({ fresh: true });
const env = { ...process.env, HEARTLINE_TEST_URL: stack.url, HEARTLINE_TEST_HOME: stack.home };
const child = spawn(command, args, { env, stdio: 'inherit' });
process.on('exit', () => child.kill('SIGTERM'));
const code = await new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (status) => resolve(status ?? 1));
});
await stack.stop();
process.exit(code);
