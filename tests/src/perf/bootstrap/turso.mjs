// How fast an empty client of Turso's sync has the inspections of a corpus.
// node redtag-perf.mjs CORPUS, in a directory with turso and @tursodatabase/sync installed.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from '@tursodatabase/sync';

const corpus = process.argv[2];
const home = mkdtempSync(join(tmpdir(), 'redtag-turso-'));
const program = [
  join(import.meta.dirname, 'node_modules/@tursodatabase/cli-linux-x64-gnu/tursodb'),
].find(existsSync) ?? 'tursodb';

const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

// Polls, for the server says nothing when it is ready.
const answers = async (port) => {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const open = await new Promise((resolve) => {
      const socket = dial(port, '127.0.0.1');
      socket.once('connect', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    if (Date.now() > deadline) throw new Error('the sync server does not answer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const server = spawn(program, [join(home, 'server.db'), '--sync-server', `127.0.0.1:${port}`], { stdio: 'ignore' });
try {
  await answers(port);
  const seeding = await connect({ path: join(home, 'seed.db'), url, clientName: 'seed' });
  await seeding.exec('CREATE TABLE inspection (id TEXT PRIMARY KEY, body TEXT NOT NULL)');
  const put = await seeding.prepare('INSERT INTO inspection VALUES (?, ?)');
  let documents = 0;
  await seeding.exec('BEGIN');
  for await (const line of createInterface({ input: createReadStream(corpus) })) {
    const [kind, id, body] = line.split('\t', 3);
    if (kind !== 'inspection') continue;
    await put.run(id, body);
    documents += 1;
    if (documents % 500 !== 0) continue;
    await seeding.exec('COMMIT');
    // A push of everything at once is more than its client can hold.
    await seeding.push();
    await seeding.exec('BEGIN');
  }
  await seeding.exec('COMMIT');
  await seeding.push();

  const began = performance.now();
  const bench = await connect({ path: join(home, 'bench.db'), url, clientName: 'bench' });
  const count = async () => (await (await bench.prepare('SELECT count(*) AS c FROM inspection')).get()).c;
  let got;
  try { got = await count(); } catch { await bench.pull(); got = await count(); }
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ documents: got, seconds }));
} finally {
  server.kill();
  rmSync(home, { recursive: true, force: true });
}
process.exit(0);
