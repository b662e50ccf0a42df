// Drives a server with ioredis: node ioredis.js PORT. Prints "all fine" or fails.
const assert = require("assert");
const Redis = require("ioredis");

async function main() {
  const redis = new Redis({ port: Number(process.argv[2]), host: "127.0.0.1", connectionName: "ioredis-test" });
  await redis.flushall();
  assert.strictEqual(await redis.set("k", "v", "EX", 100), "OK");
  assert.strictEqual(await redis.get("k"), "v");
  assert.ok((await redis.ttl("k")) > 90);
  assert.strictEqual(await redis.client("GETNAME"), "ioredis-test");
  const binary = Buffer.from([0, 255, 13, 10, 0]);
  await redis.set("bin", binary);
  assert.ok(binary.equals(await redis.getBuffer("bin")));

  const piped = await redis.pipeline().incr("n").incr("n").get("n").exec();
  assert.deepStrictEqual(piped, [[null, 1], [null, 2], [null, "2"]]);
  const done = await redis.multi().set("a", "1").incr("a").mget("a", "none").exec();
  assert.deepStrictEqual(done, [[null, "OK"], [null, 2], [null, ["2", null]]]);

  await redis.watch("a");
  const other = redis.duplicate();
  await other.set("a", "9");
  assert.strictEqual(await redis.multi().incr("a").exec(), null);

  await Promise.all(Array.from({ length: 1000 }, (_, i) => redis.set("key:" + i, String(i))));
  const seen = new Set();
  for await (const keys of redis.scanStream({ match: "key:*", count: 50 })) keys.forEach((key) => seen.add(key));
  assert.strictEqual(seen.size, 1000);
  await assert.rejects(redis.incr("k"), /not an integer/);
  assert.ok((await redis.info()).includes("redis_version:"));
  await other.quit();
  await redis.quit();
  console.log("all fine");
}

main().catch((error) => { console.error(error); process.exit(1); });
