// Drives a server with node-redis over RESP2 and RESP3: node node_redis.js PORT. Prints "all fine" or fails.
const assert = require("assert");
const { createClient, WatchError } = require("redis");

async function use(version) {
  const client = createClient({ url: `redis://127.0.0.1:${process.argv[2]}`, RESP: version, name: "node-redis-test" });
  client.on("error", (error) => { throw error; });
  await client.connect();
  await client.flushAll();
  assert.strictEqual(await client.set("k", "v", { EX: 100 }), "OK");
  assert.strictEqual(await client.get("k"), "v");
  assert.ok((await client.ttl("k")) > 90);
  assert.strictEqual(await client.get("none"), null);
  assert.strictEqual(await client.incrBy("n", 5), 5);
  assert.deepStrictEqual(await client.mGet(["k", "none", "n"]), ["v", null, "5"]);
  assert.strictEqual(await client.clientGetName(), "node-redis-test");
  assert.deepStrictEqual({ ...(await client.configGet("maxmemory")) }, { maxmemory: "0" });
  assert.deepStrictEqual(await client.multi().set("a", "1").incr("a").get("a").exec(), ["OK", 2, "2"]);

  await client.watch("a");
  await client.sendCommand(["SET", "a", "7"]);
  await assert.rejects(client.multi().incr("a").exec(), WatchError);

  await Promise.all(Array.from({ length: 1000 }, (_, i) => client.set("key:" + i, String(i))));
  let count = 0;
  for await (const keys of client.scanIterator({ MATCH: "key:*", COUNT: 100 })) count += [].concat(keys).length;
  assert.ok(count >= 1000);
  await assert.rejects(client.incr("k"), /not an integer/);
  await client.close();
}

use(2).then(() => use(3)).then(() => console.log("all fine")).catch((error) => { console.error(error); process.exit(1); });
