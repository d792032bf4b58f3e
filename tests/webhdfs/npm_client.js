// Writes, reads, lists and removes through the npm package `webhdfs`. usage: npm_client.js HOST PORT BLOCK_BYTES [LARGE_BYTES]
'use strict';
const crypto = require('crypto');
const { Readable } = require('stream');
const WebHDFS = require('webhdfs');

const PIECE = 8 << 20;
const [host, port, block, ...large] = process.argv.slice(2);
const hdfs = WebHDFS.createClient({ user: 'root', host, port: Number(port), path: '/webhdfs/v1' });
const call = (name, ...args) => new Promise((done, failed) =>
  hdfs[name](...args, (error, value) => error ? failed(error) : done(value)));

// Bytes of a file, the same each time.
function* pieces(size) {
  const pattern = crypto.createHash('sha512').update(String(size)).digest();
  const piece = Buffer.alloc(PIECE, pattern);
  for (let at = 0; at < size; at += PIECE) yield piece.subarray(0, Math.min(PIECE, size - at));
}

function digest(parts) {
  const total = crypto.createHash('sha256');
  for (const part of parts) total.update(part);
  return total.digest('hex');
}

function check(what, found, expected) {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
  }
}

const write = (path, size) => new Promise((done, failed) => {
  const out = hdfs.createWriteStream(path);
  out.on('error', failed);
  out.on('finish', done);
  Readable.from(pieces(size), { objectMode: false }).pipe(out);
});

const read = path => new Promise((done, failed) => {
  const total = crypto.createHash('sha256');
  const stream = hdfs.createReadStream(path);
  stream.on('error', failed);
  stream.on('data', part => total.update(part));
  stream.on('finish', () => done(total.digest('hex')));
});

async function main() {
  const sizes = [0, 1, Number(block), 3 * Number(block) + 17, ...large.map(Number)];
  await call('mkdir', '/npm');
  for (const size of sizes) {
    await write(`/npm/${size}`, size);
    check(`length of /npm/${size}`, (await call('stat', `/npm/${size}`)).length, size);
    check(`content of /npm/${size}`, await read(`/npm/${size}`), digest(pieces(size)));
    console.log(`npm webhdfs: ${size} bytes there and back`);
  }
  const names = (await call('readdir', '/npm')).map(entry => entry.pathSuffix).sort();
  check('names', names, sizes.map(String).sort());
  await call('appendFile', '/npm/1', 'more');
  check('after an append', (await call('readFile', '/npm/1')).length, 5);
  await call('rename', '/npm/1', '/npm/one');
  await call('chmod', '/npm/one', '600');
  check('its permission', (await call('stat', '/npm/one')).permission, '600');
  const missing = await call('stat', '/none').then(() => 'found', error => error.message);
  check('a missing file is an error', missing.includes('/none'), true);
  await call('unlink', '/npm/one');
  await call('rmdir', '/npm', true);
}

main().catch(error => { console.error(`npm webhdfs: ${error.message}`); process.exit(1); });
