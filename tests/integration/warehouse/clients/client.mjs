// Runs the commands on standard input (a JSON list) through ClickHouse's Node client; prints a JSON list.
import { createClient } from "@clickhouse/client";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";

const [url, username, password] = process.argv.slice(2);
const client = createClient({ url, username, password, compression: { request: true, response: true } });

const actions = {
  query: async ({ query, params, settings, session }) => {
    const result = await client.query({
      query,
      query_params: params,
      clickhouse_settings: settings,
      session_id: session,
      format: "JSONEachRow",
    });
    return result.json();
  },
  stream: async ({ query }) => {
    const result = await client.query({ query, format: "JSONCompactEachRow" });
    let rows = 0;
    for await (const chunk of result.stream()) rows += chunk.length;
    return rows;
  },
  command: async ({ query, session }) => {
    const { summary } = await client.command({ query, session_id: session });
    return { has_summary: summary !== undefined };
  },
  insert: async ({ table, rows }) => {
    const values = Readable.from(Array.from({ length: rows }, (_, id) => ({ id, name: `name ${id}` })));
    const { summary } = await client.insert({ table, values, format: "JSONEachRow" });
    return summary.written_rows;
  },
  exec: async ({ query }) => text((await client.exec({ query })).stream),
  ping: async () => (await client.ping({ select: true })).success,
  abort: async ({ query }) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    await client.query({ query, abort_signal: controller.signal });
    return "it ended by itself";
  },
};

const answers = [];
for (const { action, ...given } of JSON.parse(await text(process.stdin))) {
  try {
    answers.push(await actions[action](given));
  } catch (error) {
    answers.push({ error: `${error.code ?? ""} ${error.message}` });
  }
}
await client.close();
console.log(JSON.stringify(answers));
